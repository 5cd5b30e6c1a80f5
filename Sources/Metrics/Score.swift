/// A metric's result: a number, or the reason why there is none.
public enum Score: Sendable, Equatable {
  case value(Double)
  case undefined(Undefined)

  public var value: Double? { if case .value(let value) = self { value } else { nil } }
  public var reason: String? { undefined?.rawValue }
  public var undefined: Undefined? { if case .undefined(let cause) = self { cause } else { nil } }
}
