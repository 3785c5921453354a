import Hardware

extension TunerTables {
  /// The constants of a release: those of 2.12 with every later change that it contains.
  ///
  /// Releases before 2.12 count as 2.12, and a generation that a release does not know as the newest
  /// it does. Where a change is known to lie between two releases read, it applies from the later.
  init(generation: Architecture, cpu: ProcessorKind, version: NCCLVersion) {
    self.init(initial: generation, cpu: cpu)
    let isHopperOn = generation != .ampere
    if version >= NCCLVersion(2, 14) { network.ring[2] = 9.6 }
    if version >= NCCLVersion(2, 17), isHopperOn { addHopper() }
    if version >= NCCLVersion(2, 18, 1) { retuneAll() }
    if version >= NCCLVersion(2, 18, 5) { lowerTreeHops(isHopperOn) }
    if version >= NCCLVersion(2, 19) { retuneNVLS() }
    if version >= NCCLVersion(2, 21) { raiseLowLatencyCaps(isHopperOn) }
    if version >= NCCLVersion(2, 23) { addPAT() }
    if version >= NCCLVersion(2, 24) { patShare = 0.75 }
    if version >= NCCLVersion(2, 25), generation == .blackwell { doubleForBlackwell() }
    if version >= NCCLVersion(2, 27) { hasNVLSGather = isHopperOn }
    if version >= NCCLVersion(2, 28, 3) { countHeads(generation) }
    if version >= NCCLVersion(2, 28, 9) { retuneNVLSTree(generation) }
    if version >= NCCLVersion(2, 29), generation == .blackwell {
      ringLL128Cap = PerNodes(repeating: 34.5)
      correctsNVLSTree = cpu != .arm
    }
    if version >= NCCLVersion(2, 29, 7), generation == .blackwell {
      ringLL128Cap = PerNodes(repeating: 40)
    }
    if version >= NCCLVersion(2, 30), generation == .blackwell { nvlsTreeCap[2] = 80 }
  }

  /// 2.12, which knows Ampere.
  private init(initial generation: Architecture, cpu: ProcessorKind) {
    baseTree = [4.4, 4.4, 0]
    baseRing = [3.6, 10, 8.4]
    baseNVLS = 40
    baseNVLSTree = 40
    nvLink = HopTimes(tree: [0.52, 1.25, 28], ring: [0.47, 1.9, 3.4])
    pcie = HopTimes(tree: [1, 1.9, 28], ring: [1, 2.5, 5.7])
    network = HopTimes(tree: [5, 8.5, 28], ring: [2.7, 4, 28])
    nvLinkNVLS = 0
    networkNVLSTree = 0
    plateau = 1.9
    llCapOneNode = 87.7
    // On several nodes the row follows the host: AMD reads Ampere's, the others Volta's.
    llCapNetwork = cpu == .amd ? [87.7, 22.5, 19] : [39, 39, 20.4]
    ringLL128Cap = [20, 20, 20]
    treeLL128Cap = [20, 20, 20]
    treeCap = [24, 23.6, 17.8]
    nvlsTreeCap = PerNodes(repeating: .infinity)
    busCap = 235
    nvlsForm = .share(0.75)
    nvlsEfficiency = 0.85
    ringLLShare = (reduceOverNetwork: 1 / 4.0, other: 1 / 3.0)
    hasNVLS = false
  }

  private mutating func addHopper() {
    hasNVLS = true
    busCap = 370
    ringLL128Cap = [36.7, 36.7, 36.7]
    treeLL128Cap = [36.7, 36.7, 36.7]
    treeCap = [38.7, 41.4, 33]
    plateau = 1.5
  }

  private mutating func retuneAll() {
    baseTree = [6.8, 14, 0]
    baseRing = [6.6, 14, 8.4]
    baseNVLS = 23
    baseNVLSTree = 23
    nvLink.tree[0] = 0.6
    nvLink.ring[0] = 0.6
    network.ring[2] = 14
    countsNetworkOverhead = true
    plateau = 1.4
    // The caps on the bus are gone by 2.30; we take them to end with this retuning.
    busCap = .infinity
  }

  private mutating func lowerTreeHops(_ isHopperOn: Bool) {
    nvLink.tree[2] = 4
    pcie.tree[2] = 6
    network.tree[2] = 14
    nvlsForm = .share(5 / 6.0)
    if isHopperOn {
      treeCap[2] = 36
      treeLL128Cap[2] = 29
    }
  }

  private mutating func retuneNVLS() {
    nvLink.tree[2] = 28
    pcie.tree[2] = 28
    network.tree[2] = 28
    baseNVLS = 0
    baseNVLSTree = 0
    nvLinkNVLS = 23
    networkNVLSTree = 14
  }

  private mutating func raiseLowLatencyCaps(_ isHopperOn: Bool) {
    nvLinkNVLS = 25
    ringLLShare = (reduceOverNetwork: 0.5, other: 0.5)
    if isHopperOn { llCapOneNode = 141 }
  }

  private mutating func addPAT() {
    baseTree[2] = 8.4
    nvLink.tree[2] = 4
    pcie.tree[2] = 4
    network.tree[2] = 14
    hasPAT = true
    patShare = 0.85
  }

  private mutating func doubleForBlackwell() {
    llCapOneNode *= 2
    ringLL128Cap *= 2
    treeLL128Cap *= 2
    treeCap *= 2
  }

  private mutating func countHeads(_ generation: Architecture) {
    nvlsForm = .heads
    switch generation {
    case .ampere: break
    case .hopper: nvlsTreeCap = [0, 57.7, 45.5]
    case .blackwell:
      nvlsEfficiency = 0.74
      nvlsTreeCap = [0, 96, 43.1]
      treeCap = [70, 42.8, 24]
      treeLL128Cap = [55.6, 31.67, 20]
      ringLL128Cap = [73.4, 73.4, 73.4]
    }
  }

  private mutating func retuneNVLSTree(_ generation: Architecture) {
    networkNVLSTree = 20.9
    if generation == .blackwell {
      nvlsTreeCap[2] = 43.8
      ringLL128Cap[1] = 34.6
    }
  }
}
