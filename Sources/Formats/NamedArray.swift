import Base

/// An array to be written, with its name.
public struct NamedArray: Sendable, Equatable {
  public enum Values: Sendable, Equatable {
    case float32([Float])
    case float64([Double])
    case int64([Int])
    case bool([Bool])
    case text([String])

    var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int64(let values): values.count
      case .bool(let values): values.count
      case .text(let values): values.count
      }
    }
  }

  public var name: String
  public var shape: [Int]
  public var values: Values

  /// - Precondition: as many values as `shape` holds.
  public init(_ name: String, shape: [Int], values: Values) {
    precondition(values.count == shape.reduce(1, *), "array \(name) of shape \(shape) with \(values.count) values")
    self.name = name
    self.shape = shape
    self.values = values
  }

  public init(_ name: String, _ tensor: Tensor) {
    self.init(name, shape: tensor.shape, values: .float32(tensor.values))
  }
}
