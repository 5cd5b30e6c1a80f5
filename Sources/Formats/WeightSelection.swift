/// Which weights of a file are meant, where it leaves a choice.
public struct WeightSelection: Sendable, Equatable {
  /// The name of a set, `ema_state_dict`; nil for the file's main one.
  public var set: String?
  /// What all names begin with and is taken off, `net.`, besides the names of PyTorch's wrappers.
  public var prefix: String?

  public init(set: String? = nil, prefix: String? = nil) {
    self.set = set
    self.prefix = prefix
  }
}
