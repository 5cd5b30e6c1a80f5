import Base
import Formats
import Layers
import Twin

/// The terms of a model's `regularization:`.
public struct Regularisation: Sendable {
  /// One entry of the list.
  public struct Term: Sendable {
    enum Action: Sendable {
      case penalty(any Penalty.Type)
      case proximal(any ProximalStep.Type)
    }

    public let name: String
    /// Type as the configuration names it.
    public let type: String
    public let schedule: WeightSchedule
    /// Its weight where the schedule lets it act fully.
    public let fullWeight: Double
    /// An entry matches a name that holds all of its pieces between `/`.
    public let patterns: [String]
    let action: Action

    /// Whether it changes tensors after a step, in place of a penalty in the loss.
    public var isProximal: Bool { if case .proximal = action { true } else { false } }

    public func weight(epoch: Int) -> Double { schedule.weight(fullWeight, epoch: epoch) }

    public func matches(_ name: String) -> Bool {
      patterns.contains { pattern in pattern.split(separator: "/").allSatisfy { name.contains($0) } }
    }
  }

  public let terms: [Term]

  public static let none = Regularisation(terms: [])

  private init(terms: [Term]) { self.terms = terms }

  /// With a pull of an output calibration to the identity.
  func adding(pull: Double?) -> Regularisation {
    guard let pull, pull > 0 else { return self }
    let term = Term(
      name: "output_calibration", type: L2Penalty.type, schedule: .constant, fullWeight: pull,
      patterns: TwinArchitecture.pulledNames, action: .penalty(L2Penalty.self))
    return Regularisation(terms: terms + [term])
  }

  /// - Parameter node: the list under `regularization:`; nil or null for none.
  /// - Throws: `unsupported` for an unknown type, `format` for an entry that can't be read, each with its place.
  public init(_ node: ConfigNode?) throws {
    guard let node, node != .null else {
      self = .none
      return
    }
    guard let items = node.listValue else {
      throw Failure(.format, "regularization: a list is needed, not \(node.kindName)")
    }
    terms = try items.enumerated().map { try Self.term($1, at: "regularization.\($0)") }
  }

  private static func term(_ node: ConfigNode, at place: String) throws -> Term {
    let entry = ConfigurationEntry(node, at: place)
    guard let type = try entry.text("type") else { throw entry.wrong("type", "a penalty's name") }
    let action: Term.Action
    if let penalty = AllPenalties.types.first(where: { $0.type == type }) {
      action = .penalty(penalty)
    } else if let proximal = AllProximalSteps.types.first(where: { $0.type == type }) {
      action = .proximal(proximal)
    } else {
      let known = AllPenalties.types.map { $0.type } + AllProximalSteps.types.map { $0.type }
      throw Failure(
        .unsupported, "\(place): unknown penalty `\(type.shortened)`",
        hint: Suggestion.hint(for: type, among: known) ?? "known: \(known.joined(separator: ", "))")
    }
    guard let weight = try entry.number("lambda") else { throw entry.wrong("lambda", "a number") }
    guard weight >= 0 else { throw entry.wrong("lambda", "a number from 0 on") }
    let patterns = (node["apply_to"]?.listValue ?? []).compactMap(\.stringValue)
    return Term(
      name: try entry.text("name") ?? type, type: type,
      schedule: try WeightSchedule(node["schedule"] ?? node["scheduler"], at: "\(place).scheduler"),
      fullWeight: weight, patterns: patterns, action: action)
  }

  // MARK: Penalties

  /// A penalty's value in a step, times its weight.
  public struct Value: Sendable, Equatable {
    public var name: String
    public var value: Double
  }

  /// The penalties of an epoch, their gradients added to `gradients`.
  ///
  /// Only parameters of `names` get a gradient; the value counts every tensor that a term matches.
  package func penalties(epoch: Int, of store: ParameterStore, names: Set<String>, adding gradients: inout Gradients)
    throws
    -> [Value]
  {
    var values: [Value] = []
    for term in terms {
      guard case .penalty(let penalty) = term.action else { continue }
      let weight = term.weight(epoch: epoch)
      guard weight != 0 else { continue }
      var sum = 0.0
      for name in store.arrayNames where term.matches(name) {
        let tensor = try store.tensor(name)
        let (value, slope) = penalty.penalty(tensor.values, rows: tensor.shape.first ?? 1)
        sum += weight * value
        guard names.contains(name) else { continue }
        gradients.add(Tensor(shape: tensor.shape, values: slope.map { Float(weight) * $0 }), to: name)
      }
      values.append(Value(name: term.name, value: sum))
    }
    return values
  }

  // MARK: Proximal steps

  /// Applies the proximal steps of an epoch once for each rate in `rates`: VisionCore repeats them for each group of
  /// parameters, at the group's learning rate.
  package func applyProximal(
    epoch: Int, to store: inout ParameterStore, names: [String], optimiser: any Optimiser, rates: [Double]
  ) throws {
    for rate in rates {
      for term in terms {
        guard case .proximal(let step) = term.action else { continue }
        let weight = term.weight(epoch: epoch)
        guard weight > 0 else { continue }
        for name in names where term.matches(name) {
          var tensor = try store.tensor(name)
          step.apply(
            &tensor.values, weight: weight,
            stepSizes: optimiser.stepSizes(of: name, count: tensor.values.count, rate: rate))
          try store.set(name, to: tensor)
        }
      }
    }
  }
}
