import Parallelism
import Testing

@Suite("Refused pipeline orders") struct ScheduleRefusalTests {
  @Test(
    "overlapped experts are refused in words where Megatron has no such order",
    arguments: [
      (
        .oneForwardOneBackward,
        "overlapping expert communication over 2 pipeline ranks needs at least two chunks per rank; "
          + "use VPP2 or PP1"
      ),
      (
        .gpipe,
        "GPipe does not overlap expert communication of forward and backward; use 1F1B"
      ),
    ] as [(PipelineSchedule, String)])
  func overlapRefusals(schedule: PipelineSchedule, message: String) {
    #expect {
      try schedule.order(ranks: 2, microbatches: 4, overlappingExperts: true)
    } throws: {
      "\($0)" == message
    }
  }

  @Test(
    "numbers that a schedule cannot run are refused in words",
    arguments: [
      (.gpipe, 0, 1, 4, "a pipeline schedule needs at least 1 of pipeline ranks, got 0"),
      (
        .gpipe, 1 << 20, 1, 1 << 20,
        "1048576 ranks with 1 chunks and 1048576 microbatches make more than 4194304 forwards; that "
          + "is more than a pipeline order may have"
      ),
      (
        .gpipe, 4, 2, 4,
        "GPipe runs one chunk per rank, not VPP2; use VPP1 or 1F1B, which interleaves chunks"
      ),
      (
        .interleaved(groupSize: 4), 4, 1, 4,
        "interleaved 1F1B in groups of 4 needs at least two chunks per rank (VPP2); with one chunk use 1F1B"
      ),
      (
        .interleavedZeroBubble, 4, 1, 4,
        "interleaved zero bubble needs at least two chunks per rank (VPP2); with one chunk use ZB-H1"
      ),
      (
        .oneForwardOneBackward, 1, 2, 4,
        "1F1B with VPP2 needs at least two pipeline ranks; use PP2 or VPP1"
      ),
      (
        .interleaved(groupSize: 3), 4, 2, 6,
        "a group of 3 microbatches is smaller than the pipeline of 4 ranks, so every chunk would wait "
          + "for the last rank; the smallest group is 4"
      ),
      (
        .oneForwardOneBackward, 4, 2, 10,
        "10 microbatches in groups of 4 leave a last group of 2, which must be empty or at least the 4 "
          + "pipeline ranks; the nearest legal numbers of microbatches are 8 and 12"
      ),
      (
        .interleaved(groupSize: 8), 4, 2, 3,
        "3 microbatches in groups of 8 leave a last group of 3, which must be empty or at least the 4 "
          + "pipeline ranks; the nearest legal numbers of microbatches are 4"
      ),
      (
        .zeroBubbleV, 4, 3, 8,
        "ZB-V folds the model into a V of two chunks per rank, not VPP3; use VPP2"
      ),
      (
        .dualPipe, 5, 1, 12,
        "DualPipe enters the pipeline from both ends and needs an even number of ranks, not 5; the "
          + "nearest are 4 and 6"
      ),
      (
        .dualPipe, 4, 1, 9,
        "DualPipe gives each copy of the model half of the microbatches, and 9 is odd; the nearest "
          + "even numbers are 8 and 10"
      ),
      (
        .dualPipeV, 4, 2, 7,
        "DualPipeV over 4 ranks needs at least 8 microbatches, two per rank, got 7"
      ),
      (
        .chimera, 4, 1, 8,
        "Chimera runs as many microbatches as ranks, not 8 on 4; use 4 microbatches"
      ),
    ] as [(PipelineSchedule, Int, Int, Int, String)])
  func refusals(
    schedule: PipelineSchedule, ranks: Int, chunks: Int, microbatches: Int, message: String
  ) {
    #expect {
      try schedule.order(ranks: ranks, chunks: chunks, microbatches: microbatches)
    } throws: {
      "\($0)" == message
    }
  }

  @Test(
    "names that no schedule has are refused with the nearest",
    arguments: [
      ("dualpip", nil, "there is no schedule \"dualpip\"; did you mean \"dualpipe\"?"),
      ("ZBV", nil, "there is no schedule \"ZBV\"; did you mean \"zb-v\"?"),
      (
        "round-robin", nil,
        "there is no schedule \"round-robin\"; there are gpipe, 1f1b, interleaved, looped-bfs, zb-h1, "
          + "zb-h2, interleaved-zb, zb-v, v-half, v-min, dualpipe, dualpipe-v and chimera"
      ),
      ("gpipe", 4, "GPipe takes no group size; only interleaved does"),
    ] as [(String, Int?, String)])
  func names(name: String, groupSize: Int?, message: String) {
    #expect {
      try PipelineSchedule(named: name, groupSize: groupSize)
    } throws: {
      "\($0)" == message
    }
  }

  @Test(
    "orders that are not well-formed are refused in words",
    arguments: [
      ("", "the order has no tokens; write one row per pipeline rank, for example 0F0,0B0"),
      (
        "0F0,0X0",
        "pipeline rank 0, entry 1: \"0X0\" is no token; write stage, pass (F, B, I or W) and "
          + "microbatch, for example 3F0"
      ),
      (
        "0F0,(0F1;0I0)OVERLAP_F_B",
        "pipeline rank 0, entry 1: \"(0F1;0I0)OVERLAP_F_B\" is no co-scheduled slot; write a forward "
          + "and a backward, for example (3F1;1B0)OVERLAP_F_B"
      ),
      (
        "0F0,0B0\n1F0,1B0,2F0,2B0",
        "pipeline rank 1, entry 2: 2F0 makes 3 stages, which 2 ranks (rows) cannot hold evenly; the "
          + "nearest numbers of stages are 2 and 4"
      ),
      (
        "0F0,0B0\n0F0,1B0",
        "pipeline rank 1, entry 0: 0F0 belongs to rank 0; stages loop over the ranks"
      ),
      (
        "0F0,3F0,3B0,0B0\n1F0,2F0,1B0,3B0",
        "pipeline rank 1, entry 3: 3B0 belongs to rank 0; stages go down the ranks and back in a V"
      ),
      (
        "0F0,0B0,0F0",
        "pipeline rank 0, entry 2: 0F0 stands there a second time, or beside the same gradient in "
          + "another form"
      ),
      (
        "0F0,0B0,0W0",
        "pipeline rank 0, entry 2: 0W0 stands there a second time, or beside the same gradient in "
          + "another form"
      ),
      ("0F0,0F1,0B0", "pipeline rank 0: 0B1 is missing"),
      ("0F0,0I0", "pipeline rank 0: 0W0 is missing"),
      ("0F0,0W0", "pipeline rank 0: 0I0 is missing"),
      ("0F0,0B0\n1B0", "pipeline rank 1: 1F0 is missing"),
      (
        "0F0,0W0,0I0",
        "pipeline rank 0, entry 1: 0W0 can never start, because it waits for 0I0 on rank 0, which waits "
          + "for something behind it"
      ),
      (
        "0F0,0B0,0F1,0B1\n1F1,1B1,1F0,1B0",
        "pipeline rank 0, entry 1: 0B0 can never start, because it waits for 1B0 on rank 1, which waits "
          + "for something behind it"
      ),
    ])
  func malformedOrders(text: String, message: String) {
    #expect {
      try PipelineOrder(parsing: text)
    } throws: {
      "\($0)" == message
    }
  }
}
