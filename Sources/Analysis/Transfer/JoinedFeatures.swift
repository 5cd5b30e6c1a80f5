import Base
import Fitting

/// The rows of one source of features after those of another with maps of the same size.
package struct JoinedFeatures: FeatureSource {
  private let first: any FeatureSource
  private let second: any FeatureSource

  /// Undefined: nil where the maps differ in size.
  package init?(_ first: any FeatureSource, _ second: any FeatureSource) {
    guard first.channels == second.channels, first.height == second.height, first.width == second.width else {
      return nil
    }
    self.first = first
    self.second = second
  }

  package var rowCount: Int { first.rowCount + second.rowCount }
  package var channels: Int { first.channels }
  package var height: Int { first.height }
  package var width: Int { first.width }

  package func block(_ rows: Range<Int>) throws -> [Float] {
    let count = first.rowCount
    let head = rows.clamped(to: 0..<count)
    let tail = rows.clamped(to: count..<rowCount)
    return try (head.isEmpty ? [] : first.block(head))
      + (tail.isEmpty ? [] : second.block(tail.lowerBound - count..<tail.upperBound - count))
  }
}
