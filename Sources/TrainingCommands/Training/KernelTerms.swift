import Base
import Language
import Session
import Training

/// Penalties on kernels as people write them: `NAME=WEIGHT` with commas between them.
package enum KernelTerms {
  /// How a training's record writes a term.
  static func text(_ term: WeightedKernelPenalty) -> String {
    "penalty \(term.name)=\(Value.double(term.weight).plainText)"
  }

  static func names(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { String($0.trimmingPrefix(" ")) }
  }

  /// - Throws: `usage` for a term without a weight; as `WeightedKernelPenalty`.
  package static func read(_ text: String, rateHz: Double) throws -> [WeightedKernelPenalty] {
    let terms = try names(text).map { term in
      let parts = term.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, let weight = Double(parts[1]) else {
        throw Failure(
          .usage, "`\(term.shortened)` is not a penalty with its weight",
          hint: "write NAME=WEIGHT: lowfreq_ratio_fc15=0.05")
      }
      return try WeightedKernelPenalty(String(parts[0]), weight: weight, rateHz: rateHz)
    }
    if let twice = terms.indices.first(where: { index in terms[..<index].contains { $0.name == terms[index].name } }) {
      throw Failure(.usage, "`\(terms[twice].name)` is given twice", hint: "give each penalty one weight")
    }
    return terms
  }

  /// The weights that a twin was trained with; empty for a twin that was not trained here.
  static func weights(of twin: LoadedTwin, in session: Session) throws -> [String: Double] {
    guard twin.payload.training != nil else { return [:] }
    let settings = try session.trainingRecord(of: twin.name, twin.payload, at: nil).settings
    return Dictionary(
      settings.compactMap { setting in
        guard setting.hasPrefix("penalty ") else { return nil }
        let parts = setting.dropFirst(8).split(separator: "=")
        guard parts.count == 2, let weight = Double(parts[1]) else { return nil }
        return (String(parts[0]), weight)
      }, uniquingKeysWith: { _, last in last })
  }
}

extension TrainingOptions {
  /// Adds what acts on the frontend's kernels.
  ///
  /// - Parameter rateHz: taps a second.
  /// - Throws: `usage` for terms that can't be read.
  mutating func addKernelTerms(_ call: Call, rateHz: Double?) throws {
    if let given = try call.optionalString("penalty") {
      do {
        settings.kernelPenalties = try KernelTerms.read(given, rateHz: rateHz ?? .nan)
      } catch let failure as Failure {
        throw failure.located(at: call.span(of: "penalty"))
      }
    }
    settings.zeroSumKernels = call.isSet("zero-sum-kernels")
  }
}
