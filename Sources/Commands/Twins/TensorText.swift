import Session

/// How tensors are written in tables.
enum TensorText {
  /// `16x4x3x5x5`; `scalar` without axes.
  static func shape(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "x")
  }
}
