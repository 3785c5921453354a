import Testing

@Suite("A DAG written to DOT is what its audit expects") struct AuditCommandTests {
  @Test(
    "of every strategy",
    arguments: [
      "--model moe --parallel EP2-TP2-PP2-DP4 --global-batch 8 --zero 3",
      "--model moe --parallel EP2-PP2-DP4 --global-batch 8 --zero 3 --sharding-degree 2",
      "--model dense --parallel PP2-DP2 --global-batch 8 --schedule dualpipe",
      "--model dense --parallel PP4-DP2 --global-batch 8 --schedule chimera --zero 2",
      "--model dense --parallel PP2-DP2 --global-batch 8 --schedule v-half",
      "--model moe --parallel EP2-PP2-DP2 --global-batch 8 --schedule interleaved-zb",
      "--model dense --parallel PP2 --global-batch 2 --schedule-file order.csv",
      "--model moe --parallel EP2-TP2-DP2 --global-batch 4 --recompute selective "
        + "--recompute-modules moe layernorm",
      "--model moe --parallel EP2-DP2 --global-batch 4 --dispatcher deepep --precision mxfp8",
      "--model dense --parallel TP4-DP2 --global-batch 4 --tp-comm-overlap",
      "--model dense --parallel CP4 --global-batch 2 --cp-comm-type a2a",
      "--model dense --parallel CP4 --phase decode --micro-batch 8",
    ])
  func ownGraphs(options: String) throws {
    let workplace = try Workplace()
    try workplace.write("0F0,0F1,0B0,0B1\n1F0,1F1,1B1,1B0\n", to: "order.csv")
    let written = try Command.run("export dot \(options) -o step.dot", in: workplace.folder)
    try #require(written.status == 0, "\(written.errors)")
    let audit = try Command.run("audit step.dot \(options)", in: workplace.folder)
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
    #expect(audit.output.hasPrefix("CORRECT"))
  }

  @Test("a graph of another order, sharding or exchange is not")
  func otherGraphs() throws {
    let workplace = try Workplace()
    let step = "--model dense --parallel PP2-DP2 --global-batch 8"
    for (written, claimed) in [
      ("--schedule dualpipe", "--schedule gpipe"), ("--zero 3", "--zero 2"),
      ("--zero 1", "--zero 3"),
    ] {
      _ = try Command.run("export dot \(step) \(written) -o step.dot", in: workplace.folder)
      let audit = try Command.run("audit step.dot \(step) \(claimed)", in: workplace.folder)
      #expect(audit.status == 1, "\(written) passes for \(claimed)")
      #expect(audit.output.hasPrefix("INCORRECT"))
    }
  }
}
