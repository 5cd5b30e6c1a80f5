/// How far two tensors of one shape are apart, computed in float64.
public struct TensorDifference: Sendable, Equatable {
  /// Values that differ; two NaN are alike.
  public private(set) var changed = 0
  /// Largest |b - a|; nil where a value that is not finite changed.
  public private(set) var largest: Double? = 0
  private var squaresA = 0.0
  private var squaresB = 0.0
  private var product = 0.0
  private var squaresOfDifference = 0.0

  public init() {}

  /// - Precondition: as many values in `a` as in `b`.
  public init(_ a: [Double], _ b: [Double]) {
    self.init()
    precondition(a.count == b.count, "\(a.count) values against \(b.count)")
    for (a, b) in zip(a, b) {
      squaresA += a * a
      squaresB += b * b
      product += a * b
      if a == b || (a.isNaN && b.isNaN) { continue }
      changed += 1
      let distance = abs(b - a)
      squaresOfDifference += distance * distance
      largest = distance.isFinite ? largest.map { max($0, distance) } : nil
    }
  }

  /// Both pairs of tensors as one.
  public mutating func add(_ other: TensorDifference) {
    changed += other.changed
    largest = largest.flatMap { own in other.largest.map { max(own, $0) } }
    squaresA += other.squaresA
    squaresB += other.squaresB
    product += other.product
    squaresOfDifference += other.squaresOfDifference
  }

  /// |b - a| / |a|
  ///
  /// - Undefined: where `a` is 0 throughout, or a value is not finite.
  public var relative: Double? {
    let ratio = squaresOfDifference.squareRoot() / squaresA.squareRoot()
    return squaresA > 0 && ratio.isFinite ? ratio : nil
  }

  /// Cosine of the angle between them.
  ///
  /// - Undefined: where one of them is 0 throughout, or a value is not finite.
  public var cosine: Double? {
    let ratio = product / (squaresA.squareRoot() * squaresB.squareRoot())
    guard squaresA > 0, squaresB > 0, ratio.isFinite else { return nil }
    return changed == 0 ? 1 : min(1, max(-1, ratio))
  }

  /// Why `relative` or `cosine` is undefined.
  public var reason: String? {
    guard relative == nil || cosine == nil else { return nil }
    return squaresA == 0 || squaresB == 0 ? "one of them is 0 throughout" : "values that are not finite"
  }
}
