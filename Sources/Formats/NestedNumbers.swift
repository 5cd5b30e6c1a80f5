/// Nested lists or tuples of numbers whose rows are equally long.
struct NestedNumbers {
  private(set) var shape: [Int] = []
  private(set) var values: [Double] = []
  private let asObjects: Bool

  /// Nil where the value is not a list, or holds something else, or rows of different lengths.
  ///
  /// - Parameter asObjects: whether they are the elements of a numpy array of Python objects. As in
  ///   `array.astype(float)`, None is NaN there, and truth values are 0 and 1.
  init?(_ value: PickleValue, asObjects: Bool = false) {
    self.asObjects = asObjects
    guard value.items != nil, append(value, depth: 0), !values.isEmpty else { return nil }
  }

  private func number(_ value: PickleValue) -> Double? {
    guard asObjects else { return value.doubleValue }
    return switch value.content {
    case .null: .nan
    case .bool(let isTrue): isTrue ? 1 : 0
    default: value.doubleValue
    }
  }

  private mutating func append(_ value: PickleValue, depth: Int) -> Bool {
    if case .set = value.content { return false }
    guard let items = value.items else {
      guard let number = number(value), depth == shape.count else { return false }
      values.append(number)
      return true
    }
    guard depth < 16 else { return false }
    // Only the first row may make a new axis.
    if depth == shape.count {
      guard values.isEmpty else { return false }
      shape.append(items.count)
    }
    guard shape[depth] == items.count, values.count < 1 << 24 else { return false }
    return items.allSatisfy { append($0, depth: depth + 1) }
  }
}
