/// How tensors are written in tables.
package enum TensorText {
  /// `16x4x3x5x5`; `scalar` without axes.
  package static func shape(_ shape: [Int]) -> String {
    shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "x")
  }
}
