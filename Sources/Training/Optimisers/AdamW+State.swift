import Base
import Formats

extension AdamW {
  private static let (steps, first, second) = ("steps/", "first/", "second/")

  /// Steps and both moments of each parameter.
  public var state: [NamedArray] {
    moments.sorted { $0.key < $1.key }.flatMap { name, own in
      [
        NamedArray(Self.steps + name, shape: [1], values: .int64([own.steps])),
        NamedArray(Self.first + name, shape: [own.first.count], values: .float32(own.first)),
        NamedArray(Self.second + name, shape: [own.second.count], values: .float32(own.second)),
      ]
    }
  }

  public mutating func restore(_ state: any ArraySource) throws {
    var moments: [String: Moments] = [:]
    for array in state.arrayNames where array.hasPrefix(Self.steps) {
      let name = String(array.dropFirst(Self.steps.count))
      moments[name] = Moments(
        steps: try state.integers(array).first ?? 0, first: try state.tensor(Self.first + name).values,
        second: try state.tensor(Self.second + name).values)
    }
    self = AdamW(moments: moments)
  }
}
