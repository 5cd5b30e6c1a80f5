import Base

/// The frozen core's features at the last time step, row by row, from memory or from a file.
public protocol FeatureSource: Sendable {
  var rowCount: Int { get }
  var channels: Int { get }
  var height: Int { get }
  var width: Int { get }
  /// The features of `rows`, row-major.
  ///
  /// - Shapes: `[row, channel, height, width]`
  /// - Throws: what reading the rows throws. Called from one thread at a time.
  func block(_ rows: Range<Int>) throws -> [Float]
  /// What `block` gives for all rows, where it is in memory as it is; nil elsewhere.
  var stored: [Float]? { get }
}

extension FeatureSource {
  public var stored: [Float]? { nil }
}

/// Features that are in memory.
public struct FeatureArray: FeatureSource {
  public let tensor: Tensor

  /// - Shapes: `[row, channel, height, width]`
  public init(_ tensor: Tensor) {
    precondition(tensor.rank == 4, "features of rank \(tensor.rank)")
    self.tensor = tensor
  }

  public var rowCount: Int { tensor.shape[0] }
  public var channels: Int { tensor.shape[1] }
  public var height: Int { tensor.shape[2] }
  public var width: Int { tensor.shape[3] }

  public func block(_ rows: Range<Int>) throws -> [Float] { tensor[rows: rows].values }
  public var stored: [Float]? { tensor.values }
}
