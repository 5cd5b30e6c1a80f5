import Base

/// The state of an Adam optimiser in a checkpoint, parameters by their number.
///
/// PyTorch numbers the parameters through all groups and does not keep their names.
public struct StoredOptimiser {
  public struct Group: Sendable, Equatable {
    public var rate: Double?
    public var decay: Double?
    /// Numbers of its parameters.
    public var parameters: [Int]
  }

  /// What Adam remembers of one parameter.
  public struct Moments {
    public var steps: Int
    public var first: TensorReference
    public var second: TensorReference
  }

  public let groups: [Group]
  private let state: [Int: Moments]
  private let archive: TorchArchive

  /// The state under `optimizer_states`; nil where the checkpoint has none.
  ///
  /// - Throws: `format` where it is not the state of one Adam optimiser; `mismatch` where the file has changed since the
  ///   checkpoint was opened.
  public init?(_ checkpoint: Checkpoint) throws {
    guard let archive = try CandidateFile(path: checkpoint.path).torch() else { return nil }
    guard archive.fingerprint == checkpoint.fingerprint else {
      throw Failure(.mismatch, "\(checkpoint.path) has changed since it was opened", hint: "open it again")
    }
    self.archive = archive
    guard let states = archive.root["optimizer_states"]?.items, let first = states.first else { return nil }
    func wrong(_ what: String) -> Failure {
      Failure(.format, "\(checkpoint.path): optimizer_states: \(what)", hint: "train without --continue-optimiser")
    }
    guard states.count == 1, let groups = first["param_groups"]?.items, let entries = first["state"]?.entries else {
      throw wrong("the state of one optimiser is needed")
    }
    self.groups = try groups.map { group in
      guard let items = group["params"]?.items else { throw wrong("a group without `params`") }
      return Group(
        rate: group["lr"]?.doubleValue, decay: group["weight_decay"]?.doubleValue,
        parameters: try items.map {
          guard let number = $0.intValue else { throw wrong("a parameter that is not numbered") }
          return number
        })
    }
    var state: [Int: Moments] = [:]
    for (key, value) in entries {
      guard let number = key.intValue, let mean = value["exp_avg"]?.tensorReference,
        let square = value["exp_avg_sq"]?.tensorReference, let steps = try Self.steps(value["step"], archive)
      else { throw wrong("it is not Adam's: `step`, `exp_avg` and `exp_avg_sq` are needed") }
      state[number] = Moments(steps: steps, first: mean, second: square)
    }
    self.state = state
  }

  public func moments(of number: Int) -> Moments? { state[number] }

  public func tensor(_ reference: TensorReference) throws -> Tensor { try archive.tensor(reference) }

  /// A number, or a tensor of one value.
  private static func steps(_ value: PickleValue?, _ archive: TorchArchive) throws -> Int? {
    if let number = value?.doubleValue { return Int(exactly: number) }
    guard let reference = value?.tensorReference, reference.info.count == 1 else { return nil }
    return try archive.doubles(reference).first.flatMap { Int(exactly: $0) }
  }
}
