import Analysis
import Rendering
import Simulation

/// From results to pictures.
func renderingStages(_ size: StepSize) -> [Stage] {
  [
    Stage(
      "render: timeline of the flagship as SVG",
      input: {
        try Flagship(size).played()
      },
      work: { timeline in
        let title = PictureTitle(subject: "Timeline", model: "flagship", plan: "benchmark")
        return try TimelinePicture(timeline: timeline, title: title).drawing().svg()
      },
      checksum: { text in
        var checksum = Checksum()
        for byte in text.utf8 { checksum.add(Int(byte)) }
        return checksum
      })
  ]
}
