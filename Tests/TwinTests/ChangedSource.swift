import Base
import Formats
import Synchronization

/// A checkpoint with tensors hidden or replaced, which counts what is read.
final class ChangedSource: ArraySource {
  private let lower: any ArraySource
  private let hidden: Set<String>
  private let replaced: [String: Tensor]
  private let reads = Atomic<Int>(0)

  init(_ lower: any ArraySource, hiding hidden: Set<String> = [], replacing replaced: [String: Tensor] = [:]) {
    self.lower = lower
    self.hidden = hidden
    self.replaced = replaced
  }

  var readCount: Int { reads.load(ordering: .relaxed) }
  var origin: String { lower.origin }
  var arrayNames: [String] {
    (lower.arrayNames + replaced.keys.filter { lower.info($0) == nil }.sorted()).filter { !hidden.contains($0) }
  }

  func info(_ name: String) -> ArrayInfo? {
    if hidden.contains(name) { return nil }
    return replaced[name].map { ArrayInfo(shape: $0.shape, scalar: .float32) } ?? lower.info(name)
  }

  func tensor(_ name: String) throws -> Tensor {
    reads.wrappingAdd(1, ordering: .relaxed)
    return try replaced[name] ?? lower.tensor(name)
  }

  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor {
    reads.wrappingAdd(1, ordering: .relaxed)
    return try lower.tensor(name, rows: rows)
  }

  func integers(_ name: String) throws -> [Int] { try lower.integers(name) }
  func doubles(_ name: String) throws -> [Double] { try lower.doubles(name) }
}
