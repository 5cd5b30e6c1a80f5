import Base
import Formats
import Layers
import TestSupport
import Testing
import Twin

@Suite struct TensorUseTests {
  /// A linear readout's bias has one gradient, under the name that is not used.
  private static func named(_ name: String, _ uses: [TensorUse]) -> TensorUse? {
    let use = uses.first { $0.parameter.name == name }
    guard use?.reason?.hasPrefix("stored twice") == true else { return use }
    return uses.first { $0.parameter.name == name.replacing(".bias", with: ".fc.bias") }
  }

  @Test("The tensors that are reported as used are those with a gradient in training", arguments: ZooCase.withNumbers)
  func usedAreTheTensorsThatTrainingGivesAGradient(_ zoo: ZooCase) throws {
    let gradients = try NpzArchive(path: zoo.folder + "/grads.npz")
    let uses = try zoo.architecture().tensorUses
    let moved = gradients.arrayNames.filter { $0.hasPrefix("grad/") }.compactMap {
      Self.named(String($0.dropFirst("grad/".count)), uses)?.parameter.name
    }
    // The numbers are those of data set 0.
    let used = uses.filter { $0.status == .used && $0.parameter.head ?? 0 == 0 }.map(\.parameter.name)
    #expect(Set(used).symmetricDifference(moved) == [])
    #expect(!moved.isEmpty)
  }

  @Test(
    "Taps that are silent get no gradient",
    arguments: [
      "learned_resnet_none_none_gaussian", "syn_lt_identity_wn_window", "learned_dense_film_none_gaussian",
      "ser_legacy",
    ]) func tapsThatAreSilentGetNoGradient(_ name: String) throws
  {
    let zoo = ZooCase(name)
    let gradients = try NpzArchive(path: zoo.folder + "/grads.npz")
    var compared = 0
    for use in try zoo.architecture().tensorUses where use.parameter.name.hasSuffix(".original") {
      guard let gradient = try? gradients.tensor("grad/" + use.parameter.name), gradient.rank == 5 else { continue }
      let taps = gradient.shape.suffix(3).reduce(1, *)
      // A Blackman window's ends are 1e-8 in torch, so its gradients there are not quite 0.
      let limit = 1e-6 * (gradient.values.map(abs).max() ?? 0)
      let silent = (0..<taps).filter { tap in
        stride(from: tap, to: gradient.count, by: taps).allSatisfy { abs(gradient.values[$0]) < limit }
      }
      #expect(silent.count == use.silentTaps?.count ?? 0, "\(use.parameter.name)")
      compared += 1
    }
    #expect(compared == 1)
  }

  @Test("Taps that a window silences and tensors that weight norm fixes are reported")
  func aWindowAndWeightNormAreTold() throws {
    let uses = try ZooCase("learned_resnet_none_convgru_gaussian").architecture().tensorUses
    let stem = "convnet.stem.components.conv.conv.parametrizations.weight."
    let byName = Dictionary(uniqueKeysWithValues: uses.map { ($0.parameter.name, $0) })
    #expect(byName[stem + "original"]?.status == .dead)
    #expect(byName[stem + "0.v"]?.status == .used)
    // Hann of 7 taps along height and width: 5 x 5 of 7 x 7 are heard.
    #expect(byName[stem + "0.v"]?.silentTaps == SilentTaps(count: 24, of: 49, why: "zeroed by the hann window"))
    #expect(byName[stem + "0.g"]?.status == .fixed)
    #expect(byName["adapters.0.log_sigma"]?.status == .fixed)
  }

  @Test("A linear readout's second bias is dead") func aLinearReadoutsSecondBiasIsDead() throws {
    let uses = try ZooCase("modulator_only_convgru").architecture().tensorUses
    let bias = try #require(uses.first { $0.parameter.name == "readouts.1.bias" })
    #expect(bias.status == .dead)
    #expect(bias.reason?.contains("readouts.1.fc.bias") == true)
    #expect(!bias.isUnexpected)
  }

  @Test("A tensor without a layer is unexpected") func aTensorWithoutALayerIsUnexpected() throws {
    let zoo = ZooCase("ser_legacy")
    let source = ChangedSource(try zoo.checkpoint(), replacing: ["convnet.layers.7.weight": Tensor(zeros: [3])])
    let architecture = try TwinArchitecture(configuration: zoo.configuration(), source: source, heads: zoo.heads())
    let unexpected = architecture.tensorUses.filter(\.isUnexpected)
    #expect(unexpected.map(\.parameter.name) == ["convnet.layers.7.weight"])
    #expect(unexpected.map(\.status) == [.dead])
  }

  @Test("The tensors of a head that does not fit are unknown") func theTensorsOfAHeadThatDoesNotFitAreUnknown() throws {
    // Head 1 has another readout, which only its session's file says.
    let zoo = ZooCase("syn_baseline_relu_dsover")
    let architecture = try TwinArchitecture(configuration: zoo.configuration(), source: zoo.checkpoint())
    let statuses = Set(architecture.tensorUses.filter { $0.parameter.head == 1 }.map(\.status))
    #expect(statuses == [.unknown])
    #expect(architecture.buildFailure(head: 1)?.kind == .missing)
    #expect(architecture.buildFailure(head: 0) == nil)
  }

  @Test("Heads without a session and cids get their cells from the checkpoint")
  func aHeadOfAListThatSaysNothingMayFailAlone() throws {
    let zoo = ZooCase("syn_baseline_relu_dsover")
    let architecture = try TwinArchitecture(
      configuration: zoo.configuration(), source: zoo.checkpoint(), heads: [.init(), .init()])
    #expect(architecture.heads.map(\.cellCount) == [5, 3])
  }
}
