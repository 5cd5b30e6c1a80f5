import Formats

/// What a session's YAML says about its head.
public struct HeadConfiguration: Sendable, Equatable {
  public var session: String?
  public var cids: [Int]?
  /// Override of the model's adapter (type and params).
  public var adapter: ConfigNode?
  /// Override of the model's readout (type and params).
  public var readout: ConfigNode?

  public init(session: String? = nil, cids: [Int]? = nil, adapter: ConfigNode? = nil, readout: ConfigNode? = nil) {
    self.session = session
    self.cids = cids
    self.adapter = adapter
    self.readout = readout
  }

  /// A head of a twin that was opened without any YAML.
  var saysNothing: Bool { session == nil && cids == nil && adapter == nil && readout == nil }
}

/// The adapter and readout of one session.
public struct HeadInfo: Sendable, Equatable {
  public var index: Int
  public var session: String?
  public var cids: [Int]?
  /// From the readout's tensors.
  public var cellCount: Int

  /// `readouts.N`, as names of its readout's tensors begin.
  package var readoutName: String { "readouts.\(index)" }

  public init(index: Int, session: String?, cids: [Int]?, cellCount: Int) {
    self.index = index
    self.session = session
    self.cids = cids
    self.cellCount = cellCount
  }
}
