import Parallelism
import Testing

@Suite("Plan strings") struct PlanParsingTests {
  let flagship = ParallelPlan(tensor: 4, pipeline: 2, expert: 8, data: 32)

  @Test(
    "any order, case and separators mean the same plan",
    arguments: [
      "EP8-TP4-PP2-DP4", "tp4pp2ep8dp4", "TP4 PP2 DP32 EP8 ETP4 EDP4", "TP4 PP2 EP8 EDP4",
      "tp4_pp2_ep8_dp4", "TP4xPP2xEP8xDP4", "TP4 x PP2 x EP8 x DP4", "tp=4, pp=2, ep=8, dp=4",
      "TP 4 PP 2 EP 8 DP 4", "TP4·PP2·EP8·DP4", "SPtp4pp2ep8dp4", "TP4-CP1-PP2-VPP1-EP8-DP4-SP1",
      "TP4-CP1-PP2-EP8-ETP4-DP32 (EDP4)", "TP4 CP1 PP2 DP32 | ETP4 EP8 EDP4",
    ])
  func spellings(text: String) throws {
    #expect(try ParallelPlan(parsing: text) == flagship)
    #expect(try ParallelPlan(parsing: text, gpus: 256) == flagship)
  }

  @Test("V and VP are names of VPP", arguments: ["PP2-V3", "vp3pp2", "PP2VPP3"])
  func virtualNames(text: String) throws {
    #expect(
      try ParallelPlan(parsing: text)
        == ParallelPlan(pipeline: 2, virtualPipeline: 3))
  }

  @Test("the number of GPUs decides which reading holds")
  func gpusDecide() throws {
    #expect(
      try ParallelPlan(parsing: "tp1_ep8_pp1_dp8", gpus: 8) == ParallelPlan(expert: 8, data: 8))
    #expect(
      try ParallelPlan(parsing: "tp1_ep8_pp1_dp8", gpus: 64) == ParallelPlan(expert: 8, data: 64))
    #expect(try ParallelPlan(parsing: "tp1_ep8_pp1_dp8").data == 64)
  }

  @Test("without DP, GPUs give the dense degree, or DP is 1")
  func derivedData() throws {
    #expect(try ParallelPlan(parsing: "TP4PP2EP8", gpus: 256) == flagship)
    #expect(try ParallelPlan(parsing: "TP4PP2EP8").worldSize == 64)
    #expect(try ParallelPlan(parsing: "tp1pp1").worldSize == 1)
    #expect(try ParallelPlan(parsing: "EP16-ETP1-TP4", gpus: 16).data == 4)
  }

  @Test("ETP changes the expert grid but not the world")
  func expertTensor() throws {
    let plan = try ParallelPlan(parsing: "EP8-TP4-PP2-DP4-ETP1")
    #expect(plan.worldSize == 256)
    #expect(plan.data == 32)
    #expect(plan.expertData == 16)
  }

  @Test("sequence parallelism is on with TP unless switched off")
  func sequenceParallel() throws {
    #expect(try ParallelPlan(parsing: "TP2").sequenceParallel)
    #expect(try ParallelPlan(parsing: "TP1-SP").sequenceParallel == false)
    #expect(try ParallelPlan(parsing: "TP2-SP0").sequenceParallel == false)
    #expect(try ParallelPlan(parsing: "TP2", sequenceParallel: false).sequenceParallel == false)
  }

  @Test("both readings of the flagship are written out")
  func readings() {
    #expect(flagship.description == "TP4-CP1-PP2-EP8-ETP4-DP32 (EDP4)")
    #expect(flagship.axisReading == "EP8-TP4-PP2-DP4")
    #expect(flagship.megatronReading == "TP4 CP1 PP2 DP32 | ETP4 EP8 EDP4")
    let folded = ParallelPlan(tensor: 4, expert: 16, expertTensor: 1, data: 4)
    #expect(folded.axisReading == "EP16-TP4-PP1-ETP1-DP4-EDP1")
  }

  @Test("every plan up to 16 ranks reads back from each of its texts", arguments: 1...16)
  func roundTrip(ranks: Int) throws {
    for plan in everyPlan(on: ranks) {
      for text in [plan.description, plan.axisReading, plan.megatronReading] {
        #expect(try ParallelPlan(parsing: text) == plan, "\(text)")
        #expect(try ParallelPlan(parsing: text, gpus: ranks) == plan, "\(text)")
      }
    }
  }

  @Test(
    "a text that is no plan is refused in words",
    arguments: [
      ("", nil, "\"\" names no axis; write for example EP8-TP4-PP2-DP4"),
      ("TP4-?2", nil, "character 5: expected an axis such as TP4, found \"?\""),
      ("4TP", nil, "character 1: expected an axis such as TP4, found \"4\""),
      ("TP4-TTP2", nil, "character 5: unknown axis \"TTP\"; did you mean TP?"),
      (
        "QQQQ2", nil,
        "character 1: unknown axis \"QQQQ\"; the axes are TP, CP, PP, VPP, EP, ETP, EDP and DP"
      ),
      (
        "tp1_mbc4", nil,
        "character 5: unknown axis \"MBC\"; it tells how the batch is cut, which is not part of a plan"
      ),
      ("TP4-PP2-tp2", nil, "character 9: TP stands there twice, first at character 1"),
      ("TP4-PP", nil, "character 7: PP has no number; write for example PP2"),
      ("TP-4", nil, "character 3: TP has no number; write for example TP2"),
      (
        "PP2-TP0", nil,
        "character 5: TP0 is out of range; a degree is a number from 1 to 1,048,576"
      ),
      (
        "TP99999999999999999999", nil,
        "character 1: TP99999999999999999999 is out of range; a degree is a number from 1 to 1,048,576"
      ),
      (
        "TP2-SP2", nil, "character 5: SP2 is no switch; write SP or SP1 for on, SP0 for off"
      ),
      (
        "TP2 order dp-tp", nil,
        "character 11: unknown rank order \"dp-tp\"; the orders are tp-cp-ep-dp-pp and tp-cp-ep-pp-dp"
      ),
      (
        "TP1048576-PP1048576-DP1048576-CP1048576", nil,
        "the product of the degrees exceeds 1,048,576 ranks"
      ),
      ("TP2", 0, "a job needs at least 1 GPU, got 0"),
      (
        "TP4-PP2", 30,
        "30 GPUs are no whole number of model replicas of TP4·CP1·PP2 = 8; the nearest that are: 24 and 32"
      ),
      (
        "EP8-TP4-PP2-DP4", 512,
        "512 GPUs do not match: as a product of axes TP4·CP1·PP2·EP8·DP4 = 256, in Megatron's reading "
          + "TP4·CP1·PP2·DP4 = 32; 512 is filled by DP8 as a product of axes and DP64 in Megatron's reading"
      ),
      (
        "TP4-PP2-DP32-EP8-EDP4", 128,
        "the plan fills 256 GPUs, not 128; leave out the number or the data-parallel degrees"
      ),
      (
        "TP4-PP2-DP32-EP8-EDP16", nil,
        "with EDP written, DP is Megatron's dense degree and a pipeline stage has TP4·CP1·DP32 = 128 "
          + "ranks for dense layers but ETP4·EP8·EDP16 = 512 for experts; EDP4 would fit"
      ),
      (
        "TP4-DP4-EP8-EDP1", nil,
        "with EDP written, DP is Megatron's dense degree and a pipeline stage has TP4·CP1·DP4 = 16 "
          + "ranks for dense layers but ETP4·EP8·EDP1 = 32 for experts; ETP2 would fit (ETP is TP unless written)"
      ),
      (
        "TP4-CP3-EP2-EDP1", nil,
        "a pipeline stage of ETP4·EP2·EDP1 = 8 ranks is not divided by TP4·CP3 = 12, so no DP fits"
      ),
      (
        "TP4-EP8", 16,
        "ETP4·EP8 = 32 does not divide the 16 ranks of a pipeline stage, TP4·CP1·DP4; experts fold over "
          + "tensor, context and data ranks, so EP may exceed DP, but ETP·EP must divide a stage; "
          + "with ETP4 the nearest EP: 4"
      ),
      (
        "TP4-ETP3-DP4", nil,
        "ETP3·EP1 = 3 does not divide the 16 ranks of a pipeline stage, TP4·CP1·DP4; experts fold over "
          + "tensor, context and data ranks, so EP may exceed DP, but ETP·EP must divide a stage; "
          + "the nearest ETP that divide it: 2 and 4"
      ),
      (
        "CP2-PP2-DP2 order tp-cp-ep-pp-dp", nil,
        "rank order tp-cp-ep-pp-dp with PP above 1 needs EDP = DP, so that dense and expert layers have "
          + "the same pipeline groups; here DP2 and EDP4; use tp-cp-ep-dp-pp or choose ETP·EP = TP·CP"
      ),
    ] as [(String, Int?, String)])
  func refusals(text: String, gpus: Int?, message: String) {
    #expect(
      refusal { () throws(PlanError) in try ParallelPlan(parsing: text, gpus: gpus) } == message)
  }

  @Test("a switch against the caller's wish is refused")
  func contradiction() {
    let message = refusal { () throws(PlanError) in
      try ParallelPlan(parsing: "TP2-SP0", sequenceParallel: true)
    }
    #expect(message == "the plan writes SP0, but sequence parallelism is asked to be on")
  }

  @Test("degrees that come from elsewhere are checked too")
  func checkedDegrees() {
    let message = refusal { () throws(PlanError) in try ParallelPlan(checkingTensor: 1, data: 0) }
    #expect(message == "DP0 is out of range; the smallest degree is 1")
  }

  private func refusal(_ body: () throws(PlanError) -> ParallelPlan) -> String? {
    do throws(PlanError) {
      _ = try body()
      return nil
    } catch {
      return error.description
    }
  }
}
