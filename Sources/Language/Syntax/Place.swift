import Base

/// Where a node of a program was written.
///
/// Takes no part in comparisons: two programs are equal when they say the same, wherever they say it.
public struct Place: Sendable, Equatable {
  public let span: SourceSpan

  public init(_ span: SourceSpan) { self.span = span }

  public static func == (a: Place, b: Place) -> Bool { true }
}
