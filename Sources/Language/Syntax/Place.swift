import Base

/// The position of a node in the source text.
///
/// Ignored by comparisons: two programs are equal if they differ only in their positions.
public struct Place: Sendable, Equatable {
  public let span: SourceSpan

  public init(_ span: SourceSpan) { self.span = span }

  public static func == (a: Place, b: Place) -> Bool { true }
}
