import Base
import Layers

/// A layer's refusal taken apart: which layer, and the shapes that it speaks of.
public struct Misfit: Sendable, Equatable {
  public var part: Part?
  /// The layer or tensor that the failure names.
  public var place: String?
  /// Sizes in the message, `16x5x18x18` each.
  public var shapes: [String]
  /// The message without the place.
  public var problem: String

  public init(_ failure: Failure) {
    let message = failure.message
    shapes = message.matches(of: /\d+(x\d+){3}/).map { String($0.output.0) }
    problem = message
    if let colon = message.firstRange(of: ": ") {
      let name = String(message[..<colon.lowerBound])
      if Self.isPlace(name) {
        place = name
        problem = String(message[colon.upperBound...])
      }
    }
    if place == nil, let quoted = message.firstMatch(of: /`([A-Za-z_][\w.]*)`/), Self.isPlace(String(quoted.output.1)) {
      place = String(quoted.output.1)
    }
    part = place.map { ParameterInfo(name: $0, shape: []).part }
    for shape in shapes {
      problem = problem.replacing(" (input \(shape): channel, time, height, width)", with: "")
    }
  }

  private static func isPlace(_ text: String) -> Bool { ParameterInfo(name: text, shape: []).part != .other }
}
