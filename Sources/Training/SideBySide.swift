import Base
import Formats
import Layers
import Metrics
import Twin

/// Several trainings in turn on the same batches: a control first, then the arms that are held against it.
public struct SideBySide {
  /// What one of them trains.
  public struct Arm: Sendable {
    public var name: String
    public var architecture: TwinArchitecture
    public var settings: TrainingSettings
    /// What it starts from; nil for the tensors that all share.
    public var source: (any ArraySource)?
    /// Whether it may go exactly as the control: the point of a sweep at which a penalty has no weight.
    public var mayBeControl: Bool

    public init(
      name: String, architecture: TwinArchitecture, settings: TrainingSettings, source: (any ArraySource)? = nil,
      mayBeControl: Bool = false
    ) {
      self.mayBeControl = mayBeControl
      self.name = name
      self.architecture = architecture
      self.settings = settings
      self.source = source
    }
  }

  public private(set) var trainers: [Trainer]
  /// Loss of each step, arm by arm.
  public private(set) var losses: [[Double]] = []
  private let order: any BatchOrder
  private let sets: [any TrainingSet]

  /// Arms without tensors of their own begin with those of `source`.
  ///
  /// - Throws: as `Trainer`.
  public init(
    _ arms: [Arm], source: any ArraySource, sets: [any TrainingSet], order: any BatchOrder,
    isFrozen: (ParameterInfo) -> Bool
  ) throws {
    trainers = try arms.map {
      try Trainer(
        architecture: $0.architecture, source: $0.source ?? source, heads: sets.map(\.head), settings: $0.settings,
        isFrozen: isFrozen)
    }
    self.order = order
    self.sets = sets
  }

  public var stepsDone: Int { losses.count }

  /// One step of every arm.
  ///
  /// - Throws: as a step of `Trainer`.
  public mutating func step(work: Work) throws {
    let step = order.step(stepsDone)
    var own: [Double] = []
    for index in trainers.indices {
      try work.cancellation.check()
      own.append(try trainers[index].take(step, from: sets, work: work).loss)
    }
    losses.append(own)
  }

  /// Whether an arm has gone exactly as the control: the same loss in every step and the same tensors, to the bit.
  public func isSameAsControl(_ arm: Int) throws -> Bool {
    let (control, other) = (trainers[0].store, trainers[arm].store)
    return losses.allSatisfy { $0[0].bitPattern == $0[arm].bitPattern }
      && Set(control.arrayNames) == Set(other.arrayNames)
      && control.arrayNames.allSatisfy { name in
        (try? control.tensor(name)) == (try? other.tensor(name))
      }
  }

  /// Sums over the held-out bins of each set's cells, arm by arm.
  ///
  /// - Throws: what reading throws; `interrupted`.
  package func heldOut(_ sets: [any TrainingSet], work: Work) throws -> [[[MaskedSums]]] {
    try trainers.map { trainer in
      let network = try TwinNetwork(
        architecture: trainer.architecture, source: trainer.store, heads: Array(Set(sets.map(\.head))).sorted())
      return try sets.map { set in
        var sums = [MaskedSums](repeating: MaskedSums(), count: set.meanCounts.count)
        try Validation.add(set, of: network, to: &sums, work: work)
        return sums
      }
    }
  }
}
