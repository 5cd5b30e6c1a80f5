import Base
import Formats
import TestSupport
import Testing
import Twin

/// Gradients of whole twins against PyTorch's.
@Suite struct GradientTests {
  /// Sums of float32 in another order; centres, widths, angles and the stimulus cancel strongly (SEMANTICS 20).
  private static func tolerance(_ name: String) -> Float {
    let cancels = [".mean", ".std", ".theta"].contains { name.hasPrefix("grad/readout") && name.hasSuffix($0) }
    return cancels || name == "grad_stim" ? 2e-3 : 1e-4
  }

  @Test(arguments: GradientCase.all) func everyGradientIsTheReferences(_ zoo: GradientCase) throws {
    let reference = try zoo.reference()
    let result = try zoo.gradients(zoo.twin())
    #expect(result.outputs.distance(from: try reference.tensor("out")) <= 1)
    #expect(abs(result.loss - (try reference.doubles("loss")[0])) < 1e-5 * max(1, abs(result.loss)))

    let names = reference.arrayNames.filter { $0.hasPrefix("grad/") }
    #expect(Set(result.parameters.names) == Set(names.map { String($0.dropFirst(5)) }))
    let largest = try names.reduce(Float(0)) { max($0, try reference.tensor($1).peak) }
    for name in names {
      let own = try #require(result.parameters[String(name.dropFirst(5))])
      let precise = "grad64" + name.dropFirst(4)
      let expected = try reference.tensor(reference.info(precise) == nil ? name : precise)
      // A gradient that is zero but for rounding, such as that of a bias in front of a batch norm.
      if expected.peak < 1e-5 * largest {
        #expect(own.peak < 1e-5 * largest, "\(name)")
      } else {
        #expect(own.relativeDistance(from: expected) <= Self.tolerance(name), "\(name)")
      }
    }
    for (name, own) in [
      ("grad_stim", result.stimulus), ("grad_behavior", result.behavior), ("grad_history", result.history),
    ] where reference.info(name) != nil {
      let expected = try reference.tensor(name)
      #expect(try #require(own).relativeDistance(from: expected) <= Self.tolerance(name), "\(name)")
    }
    let buffers = reference.arrayNames.filter { $0.hasPrefix("updated/") }
    #expect(Set(result.updated.keys) == Set(buffers.map { String($0.dropFirst(8)) }))
    for name in buffers {
      let own = try #require(result.updated[String(name.dropFirst(8))])
      #expect(own.relativeDistance(from: try reference.tensor(name)) <= 1e-5, "\(name)")
    }
  }
}
