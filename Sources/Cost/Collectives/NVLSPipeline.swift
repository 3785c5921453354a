import Hardware
import Units

/// How NCCL cuts an NVLS collective: thread blocks, and the chunk that each moves per head and loop.
///
/// Small chunks are slow and large loops take long to fill, which is what makes mid-size messages
/// slower than latency and bandwidth say.
/// - SeeAlso: NCCL 2.30 `src/enqueue.cc`, `calcCollChunking`.
struct NVLSPipeline {
  /// Thread blocks, each on a multiprocessor of its own.
  let blocks: Int
  let chunk: Int
  /// Bytes that all blocks move in one loop over the heads.
  let loop: Double

  init(tuner: Tuner, size: Bytes) {
    let isTree = !tuner.placement.isInsideNode
    let heads = tuner.graph(of: .nvls).channels
    let limit = NVLSPipeline.blockLimit(tuner)
    // An all-reduce counts its bytes twice towards the 32 KiB that a channel must be worth.
    blocks = max(1, min(limit, 2 * size.count / (32 << 10)))
    let lanes = blocks * heads
    chunk =
      isTree
      ? NVLSPipeline.treeChunk(size.count, lanes, tuner)
      : NVLSPipeline.chunk(size.count, lanes)
    loop = Double(lanes * chunk)
  }

  private static func blockLimit(_ tuner: Tuner) -> Int {
    guard tuner.fabric.generation == .blackwell else { return 16 }
    let nic = tuner.fabric.nicBandwidth.gigabytesPerSecond
    return tuner.placement.nodes == 2 && nic >= 48 && nic < 96 ? 32 : 24
  }

  private static func chunk(_ size: Int, _ lanes: Int) -> Int {
    var chunk = 128 << 10
    for (loops, smaller) in [(64, 64 << 10), (8, 32 << 10), (2, 16 << 10)]
    where size < loops * lanes * chunk && chunk > smaller {
      chunk = smaller
    }
    return chunk
  }

  private static func treeChunk(_ size: Int, _ lanes: Int, _ tuner: Tuner) -> Int {
    var chunk = tuner.placement.nodes >= 4 ? 64 << 10 : 128 << 10
    if tuner.fabric.generation == .blackwell { chunk = 256 << 10 }
    for (loops, smaller) in [(32, 256 << 10), (16, 128 << 10), (4, 64 << 10), (1, 32 << 10)]
    where size < loops * lanes * chunk && chunk > smaller {
      chunk = smaller
    }
    return chunk
  }
}
