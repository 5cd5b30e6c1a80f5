import Base

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

extension TwinArchitecture {
  /// The fewest lags with which frames of this size work, up to `limit`; nil where none does.
  public func fewestLags(height: Int, width: Int, head: Int, limit: Int = 256) -> Int? {
    (1...max(1, limit)).first { (try? featureSize(input: [inputChannels, $0, height, width], head: head)) != nil }
  }
}

extension TwinArchitecture {
  /// Why the layers of a head could not be built; nil for one that could.
  public func buildFailure(head: Int) -> Failure? {
    do {
      _ = try layers.head(head)
      return nil
    } catch let failure as Failure {
      return failure
    } catch {
      return nil
    }
  }

  /// The frontend's filter over time, where it may be longer than the input: what it would read beyond counts as 0.
  public var frontendFilter: (name: String, lags: Int)? {
    for name in ["Ky_filter", "basis"] {
      if let tensor = parameters.first(where: { $0.name == "frontend.\(name)" }), let lags = tensor.shape.last {
        return (tensor.name, lags)
      }
    }
    guard configuration["frontend"]?["type"]?.stringValue == "da" else { return nil }
    return ("frontend", configuration.at("frontend.params.filter_length")?.intValue ?? 200)
  }
}
