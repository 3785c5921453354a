import Parallelism

/// Rank arithmetic of 16,384 ranks: what replaces stored groups must cost next to nothing.
func rankGridStages(_ size: StepSize) -> [Stage] {
  [
    Stage(
      "rank grid: coordinates of 16,384 ranks",
      input: {
        RankGrid(ParallelPlan(tensor: 8, pipeline: 16, expert: 8, expertTensor: 1, data: 128))
      },
      work: { grid in
        var checksum = Checksum()
        for rank in 0..<grid.worldSize {
          let dense = grid.denseCoordinates(of: rank)
          let expert = grid.expertCoordinates(of: rank)
          for coordinate in [dense.tensor, dense.data, dense.pipeline, expert.expert] {
            checksum.add(coordinate)
          }
        }
        return checksum
      },
      checksum: {
        $0
      }),
    Stage(
      "rank grid: members of every group of 16,384 ranks",
      input: {
        RankGrid(ParallelPlan(tensor: 8, pipeline: 16, expert: 8, expertTensor: 1, data: 128))
      },
      work: { grid in
        var checksum = Checksum()
        for family in GroupFamily.allCases {
          for group in grid.groups(family) {
            for member in group { checksum.add(member) }
          }
        }
        return checksum
      },
      checksum: {
        $0
      }),
  ]
}
