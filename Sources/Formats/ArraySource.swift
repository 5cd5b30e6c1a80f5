import Base

/// Element type of a stored array.
public enum ScalarType: String, Sendable, CaseIterable {
  case bool, uint8, int8, int16, int32, int64, uint16, uint32, uint64, float16, bfloat16, float32, float64
  /// Eight-bit floats: bits of exponent and mantissa; `fn` has no infinity, `uz` no negative zero.
  case float8e4m3fn = "float8_e4m3fn"
  case float8e5m2 = "float8_e5m2"
  case float8e4m3fnuz = "float8_e4m3fnuz"
  case float8e5m2fnuz = "float8_e5m2fnuz"
  case float8e8m0fnu = "float8_e8m0fnu"

  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e4m3fn, .float8e5m2, .float8e4m3fnuz, .float8e5m2fnuz, .float8e8m0fnu: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  public var isFloatingPoint: Bool {
    switch self {
    case .bool, .uint8, .int8, .int16, .int32, .int64, .uint16, .uint32, .uint64: false
    default: true
    }
  }
}

/// Shape and element type of a stored array, known without reading it.
public struct ArrayInfo: Sendable, Equatable {
  public var shape: [Int]
  public var scalar: ScalarType

  public init(shape: [Int], scalar: ScalarType) {
    self.shape = shape
    self.scalar = scalar
  }

  public var count: Int { shape.reduce(1, *) }
}

/// Named arrays of one file or object, each read only when asked for.
///
/// Every reading function throws `Failure` that names the file and the array: `missing` for an unknown name,
/// `format` for damaged bytes, `mismatch` for values that the asked type can't hold.
public protocol ArraySource: Sendable {
  /// The file or object that holds the arrays, for messages.
  var origin: String { get }
  /// Names in file order.
  var arrayNames: [String] { get }
  /// Nil where no array has that name.
  func info(_ name: String) -> ArrayInfo?
  /// The whole array as float32 (half, bfloat16, float64, integers and bool are converted).
  func tensor(_ name: String) throws -> Tensor
  /// Rows `rows` of the first axis as float32; reads only these.
  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor
  /// The whole array as integers, flattened. Floats must be integral.
  func integers(_ name: String) throws -> [Int]
  /// The whole array as float64, flattened.
  func doubles(_ name: String) throws -> [Double]
  /// Why an entry of this name is there and can't be read; nil where it can be read or is not there.
  func obstacle(_ name: String) -> Failure?
}

extension ArraySource {
  public func obstacle(_ name: String) -> Failure? { nil }
}
