import Base

/// Two sources as one: an array is taken from the upper source where it is there, else from the lower one.
public struct OverlaySource: ArraySource {
  private let lower: any ArraySource
  private let upper: any ArraySource

  public init(_ upper: any ArraySource, over lower: any ArraySource) {
    self.upper = upper
    self.lower = lower
  }

  public var origin: String { lower.origin }

  public var arrayNames: [String] {
    lower.arrayNames + upper.arrayNames.filter { lower.info($0) == nil }
  }

  public func info(_ name: String) -> ArrayInfo? { upper.info(name) ?? lower.info(name) }
  public func tensor(_ name: String) throws -> Tensor { try source(of: name).tensor(name) }
  public func tensor(_ name: String, rows: Range<Int>) throws -> Tensor {
    try source(of: name).tensor(name, rows: rows)
  }
  public func obstacle(_ name: String) -> Failure? { upper.info(name) == nil ? lower.obstacle(name) : nil }
  public func integers(_ name: String) throws -> [Int] { try source(of: name).integers(name) }
  public func doubles(_ name: String) throws -> [Double] { try source(of: name).doubles(name) }

  private func source(of name: String) -> any ArraySource { upper.info(name) == nil ? lower : upper }
}
