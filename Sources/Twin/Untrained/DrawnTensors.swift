import Base
import Formats
import Layers

/// Draws tensors, each from a generator of its own: a tensor does not depend on those before it.
struct DrawnTensors {
  private let seed: UInt32
  private var values: [String: [Float]] = [:]
  private var shapes: [String: [Int]] = [:]

  init(seed: UInt32) { self.seed = seed }

  subscript(declaration: Blueprint.Declaration) -> NamedArray? {
    guard let own = values[declaration.name] else { return nil }
    guard !declaration.isCounter else {
      return NamedArray(declaration.name, shape: declaration.shape, values: .int64(own.map { Int($0) }))
    }
    return NamedArray(declaration.name, Tensor(shape: declaration.shape, values: own))
  }

  /// As floats, a counter too.
  func tensor(_ declaration: Blueprint.Declaration) -> Tensor? {
    values[declaration.name].map { Tensor(shape: declaration.shape, values: $0) }
  }

  /// - Precondition: what the declaration copies was drawn before.
  mutating func draw(_ declaration: Blueprint.Declaration) {
    values[declaration.name] = drawn(declaration)
    shapes[declaration.name] = declaration.shape
  }

  private func drawn(_ declaration: Blueprint.Declaration) -> [Float] {
    let shape = declaration.shape
    let count = shape.reduce(1, *)
    var generator = MersenneTwister(seed: Self.seed(seed, declaration.name))
    switch declaration.start {
    case .constant(let value): return [Float](repeating: value, count: count)
    case .values(let values):
      precondition(values.count == count, "\(declaration.name): \(values.count) values for \(shape)")
      return values
    case .uniform(let fanIn):
      let bound = 1 / Double(fanIn).squareRoot()
      return (0..<count).map { _ in Float((2 * generator.uniform() - 1) * bound) }
    case .normal(let deviation): return (0..<count).map { _ in Float(deviation * generator.normal()) }
    case .direction: return Self.unit((0..<count).map { _ in generator.normal() }).map { Float($0) }
    case .orthogonal: return Self.orthogonal(rows: shape.first ?? 1, count: count, &generator)
    case .kernels(let fixed, let envelope):
      return (0..<(shape.first ?? 1)).flatMap { row in
        fixed.indices.contains(row)
          ? fixed[row] : Self.unit(envelope.map { Double($0) * generator.normal() }).map { Float($0) }
      }
    case .copy(let name): return source(name, declaration)
    case .lengths(let name, let axis): return Self.lengths(source(name, declaration), shapes[name] ?? [], axis: axis)
    }
  }

  private func source(_ name: String, _ declaration: Blueprint.Declaration) -> [Float] {
    guard let values = values[name] else { preconditionFailure("\(declaration.name) is drawn before \(name)") }
    return values
  }

  /// From the seed and the name, by FNV-1a.
  private static func seed(_ seed: UInt32, _ name: String) -> UInt32 {
    let hash = name.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    return seed &* 0x9e37_79b9 &+ UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
  }

  private static func unit(_ vector: [Double]) -> [Double] {
    let length = max(vector.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
    return vector.map { $0 / length }
  }

  /// Orthonormal vectors from normal ones (Gram and Schmidt, twice), as rows or, where these are too many, as columns.
  private static func orthogonal(rows: Int, count: Int, _ generator: inout MersenneTwister) -> [Float] {
    let columns = max(1, count / max(1, rows))
    let (vectors, length) = (min(rows, columns), max(rows, columns))
    var basis: [[Double]] = []
    for _ in 0..<vectors {
      var vector = (0..<length).map { _ in generator.normal() }
      for _ in 0..<2 {
        for axis in basis {
          let overlap = zip(vector, axis).reduce(0) { $0 + $1.0 * $1.1 }
          for index in vector.indices { vector[index] -= overlap * axis[index] }
        }
      }
      basis.append(unit(vector))
    }
    if rows <= columns { return basis.flatMap { $0.map { Float($0) } } }
    return (0..<rows).flatMap { row in basis.map { Float($0[row]) } }
  }

  private static func lengths(_ values: [Float], _ shape: [Int], axis: Int) -> [Float] {
    let inner = shape[(axis + 1)...].reduce(1, *)
    var sums = [Double](repeating: 0, count: shape[axis])
    for (index, value) in values.enumerated() { sums[index / inner % shape[axis]] += Double(value) * Double(value) }
    return sums.map { Float($0.squareRoot()) }
  }
}
