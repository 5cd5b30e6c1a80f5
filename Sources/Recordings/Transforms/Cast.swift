import Base

/// Converts to the values of an element type; they are stored as float32.
///
/// For integers, fractions are truncated towards 0. For bool, any number except 0 is true.
/// - Shapes: any -> same
/// - Throws: `Failure(.mismatch)` for a number that a 64-bit integer can't hold
/// - Source: VisionCore's `cast`
package struct Cast: Transform {
  package static let name = "cast"

  private let target: String
  private let place: String

  private static let targets = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64",
  ]

  package init(_ step: PipelineStep) throws {
    try step.allow(["dtype"])
    place = step.place
    guard let target = step.parameters.stringValue ?? step.option("dtype")?.stringValue else {
      throw Failure(.format, "\(place): the type is missing, as in `cast: float32`")
    }
    guard Self.targets.contains(target) else {
      throw Failure(
        .unsupported, "\(place): unknown type `\(target.shortened)`",
        hint: Suggestion.hint(for: target, among: Self.targets))
    }
    self.target = target
  }

  package var reach: ClosedRange<Int>? { 0...0 }

  package func apply(_ values: Tensor) throws -> Tensor {
    Tensor(shape: values.shape, values: try values.values.map(converted))
  }

  private func converted(_ value: Float) throws -> Float {
    switch target {
    case "bool": return value == 0 ? 0 : 1
    case "float16": return Float(Float16(value))
    case "bfloat16": return Self.brain(value)
    case "float32", "float64": return value
    default: break
    }
    guard let whole = Int64(exactly: value.rounded(.towardZero)) else {
      throw Failure(.mismatch, "\(place): \(value) can't be converted to \(target)")
    }
    switch target {
    case "uint8": return Float(UInt8(truncatingIfNeeded: whole))
    case "int8": return Float(Int8(truncatingIfNeeded: whole))
    case "int16": return Float(Int16(truncatingIfNeeded: whole))
    case "int32": return Float(Int32(truncatingIfNeeded: whole))
    default: return Float(whole)
    }
  }

  /// Rounded to the 16 leading bits, ties to even.
  private static func brain(_ value: Float) -> Float {
    guard value.isFinite else { return value }
    let bits = value.bitPattern
    return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
  }
}
