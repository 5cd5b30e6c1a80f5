import Base
import Formats
import Recordings
import Synchronization

/// Arrays in memory that remember which rows were asked for.
final class MemorySource: ArraySource {
  struct Array: Sendable {
    var shape: [Int]
    var scalar: ScalarType
    var values: [Double]
  }

  let origin = "memory.dset"
  let arrays: [String: Array]
  private let reads = Mutex<[Range<Int>]>([])
  private let wholes = Mutex<[String: Int]>([:])
  private let names = Mutex<Set<String>>([])

  init(_ arrays: [String: Array]) { self.arrays = arrays }

  var rowsRead: [Range<Int>] { reads.withLock { $0 } }
  /// How often each array was read whole.
  var wholeReads: [String: Int] { wholes.withLock { $0 } }
  var namesRead: Set<String> { names.withLock { $0 } }
  var arrayNames: [String] { arrays.keys.sorted() }
  func info(_ name: String) -> ArrayInfo? { arrays[name].map { ArrayInfo(shape: $0.shape, scalar: $0.scalar) } }

  func tensor(_ name: String) throws -> Tensor {
    wholes.withLock { $0[name, default: 0] += 1 }
    return try converted(name)
  }

  private func converted(_ name: String) throws -> Tensor {
    let array = try array(name)
    return Tensor(shape: array.shape, values: array.values.map(Float.init))
  }

  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor {
    reads.withLock { $0.append(rows) }
    return try converted(name)[rows: rows]
  }

  func integers(_ name: String) throws -> [Int] {
    try array(name).values.map { value in
      guard let integer = Int(exactly: value) else { throw Failure(.mismatch, "\(name): \(value) is no integer") }
      return integer
    }
  }

  func doubles(_ name: String) throws -> [Double] { try array(name).values }

  private func array(_ name: String) throws -> Array {
    names.withLock { _ = $0.insert(name) }
    guard let array = arrays[name] else { throw Failure(.missing, "no `\(name)`") }
    return array
  }
}

extension MemorySource {
  /// Six frames of 1x2 pixels in two trials of three, two cells; pixel values say frame and place.
  static func small(_ changes: [String: Array?] = [:]) -> MemorySource {
    let pixels: [Double] = [127, 128, 137, 138, 147, 148, 157, 158, 167, 168, 177, 178]
    var arrays: [String: Array] = [
      "stim": Array(shape: [6, 1, 2], scalar: .uint8, values: pixels),
      "robs": Array(shape: [6, 2], scalar: .float32, values: (0..<12).map(Double.init)),
      "dfs": Array(shape: [6, 1], scalar: .float32, values: [0, 1, 1, 0, 1, 1]),
      "trial_inds": Array(shape: [6], scalar: .int64, values: [4, 4, 4, 9, 9, 9]),
      "dpi_valid": Array(shape: [6], scalar: .float32, values: [1, 1, 1, 1, 1, 1]),
    ]
    for (name, array) in changes { arrays[name] = array }
    return MemorySource(arrays)
  }
}

/// The small stimulus under a configuration.
func smallStimulus(
  _ configuration: RecordingConfiguration = .standard(session: "Rec"),
  metadata: ConfigNode = .map([.init("rate", .double(120))]), changes: [String: MemorySource.Array?] = [:]
) throws -> Stimulus {
  try Stimulus(name: "gaborium", source: MemorySource.small(changes), metadata: metadata, configuration: configuration)
}
