import Base
import Formats
import Foundation
import Layers
import TestSupport
import Testing
import Twin

@Suite struct ArchitectureTests {
  private let zoo = ZooCase("learned_resnet_none_convgru_gaussian")

  @Test("Opening reads no tensor") func openingReadsNoTensor() throws {
    let source = ChangedSource(try zoo.checkpoint())
    let architecture = try TwinArchitecture(configuration: zoo.configuration(), source: source, heads: zoo.heads())
    _ = try architecture.tree(input: [1, 25, 51, 51])
    #expect(source.readCount == 0)
  }

  @Test("Only the asked heads are read") func onlyTheAskedHeadsAreRead() throws {
    let one = ChangedSource(try zoo.checkpoint())
    let all = ChangedSource(try zoo.checkpoint())
    let architecture = try zoo.architecture()
    _ = try TwinNetwork(architecture: architecture, source: one, heads: [1])
    _ = try TwinNetwork(architecture: architecture, source: all)
    // The other head's adapter (2 tensors) and readout (5) stay on disk.
    #expect(all.readCount - one.readCount == 7)
  }

  @Test("Heads carry sessions and the cells of their tensors") func headsCarrySessionsAndTheCellsOfTheirTensors() throws
  {
    let heads = try zoo.architecture().heads
    #expect(heads.map(\.session) == ["Zoo_2025-01-10", "Zoo_2025-01-17"])
    #expect(heads.map(\.cellCount) == [5, 3])
    #expect(heads[1].cids == [1, 3, 5])
  }

  @Test("Parameters know their part and head") func parametersKnowTheirPartAndHead() throws {
    let parameters = try zoo.architecture().parameters
    let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
    #expect(byName["adapters.1.log_scale"].map { [$0.part.rawValue, "\($0.head ?? -1)"] } == ["adapter", "1"])
    #expect(byName["readouts.0.features.weight"]?.shape == [5, 12, 1, 1])
    #expect(byName["recurrent.cells.0.out_gate.bias"]?.part == .recurrent)
    #expect(byName["recurrent.cells.0.out_gate.bias"]?.head == nil)
    #expect(parameters.filter { $0.part.isCore }.allSatisfy { $0.head == nil })
  }

  @Test("A readout's tensor names are those of the checkpoint") func aReadoutsTensorNamesAreThoseOfTheCheckpoint()
    throws
  {
    let names = try Set(zoo.architecture().parameters.map(\.name))
    for head in 0...1 { #expect(names.isSuperset(of: GaussianReadout.parameterNames(head: head))) }
  }

  @Test("The tree has the shapes of the reference") func theTreeHasTheShapesOfTheReference() throws {
    let tree = try zoo.architecture().tree(input: [1, 25, 51, 51])
    let numbers = try zoo.numbers()
    let stages = ["frontend": "s_frontend", "convnet": "s_convnet", "recurrent": "s_recurrent"]
    for (name, stage) in stages {
      let node = try #require(tree.children.first { $0.name == name })
      #expect(node.outputShape == numbers.info(stage).map { Array($0.shape.dropFirst()) }, "\(name)")
    }
  }

  @Test("The tree counts every trained tensor once") func theTreeCountsEveryTrainedTensorOnce() throws {
    let architecture = try zoo.architecture()
    let tree = try architecture.tree(input: [1, 25, 51, 51])
    #expect(tree.parameterNames.sorted() == architecture.parameters.map(\.name).sorted())
    #expect(tree.parameterCount == architecture.parameters.reduce(0) { $0 + $1.count })
  }

  @Test("Every tensor of the checkpoint has a place in the tree", arguments: ZooCase.withNumbers)
  func everyTensorOfTheCheckpointHasAPlaceInTheTree(_ zoo: ZooCase) throws {
    let architecture = try zoo.architecture()
    let shape = try zoo.numbers().info("stim")?.shape.dropFirst()
    let names = try architecture.tree(input: shape.map(Array.init) ?? [1, 1, 1, 1]).parameterNames
    // The linear readout's bias is stored twice; the alias belongs to no layer.
    let aliases = architecture.parameters.filter { names.contains($0.name.replacing(".bias", with: ".fc.bias")) }
    #expect(Set(names).union(aliases.map(\.name)) == Set(architecture.parameters.map(\.name)))
    #expect(Set(names).count == names.count)
  }

  @Test("An architecture knows which inputs it needs, its rate and its output") func needsAreKnownBeforeAnythingIsRead()
    throws
  {
    #expect(try ZooCase("syn_v1_single_film").architecture().requiresBehavior)
    #expect(try ZooCase("syn_history_plainmlp").architecture().requiresHistory)
    #expect(try ZooCase("modulator_only_convgru").architecture().outputIsLogRate)
    #expect(try ZooCase("modulator_only_convgru").architecture().samplingRate == 240)
    #expect(try !zoo.architecture().requiresBehavior && !zoo.architecture().outputIsLogRate)
  }

  @Test("The comment of every layer has its shapes") func everyLayerSaysItsShapes() throws {
    let layers = try layerFiles().filter {
      $0.text.contains(/struct \w+: (\w*Layer|NamedLayer, SampleLayer|ConvolutionalBlock|Modulator|Readout) \{/)
    }
    #expect(layers.count > 30)
    for (file, text) in layers { #expect(text.contains(/\/\/\/ - Shapes: .*(->|any)/), "\(file)") }
  }

  private func layerFiles() throws -> [(name: String, text: String)] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Layers")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }.sorted()
      .map { ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8)) }
  }

  @Test("The registry holds every layer of the folder") func theRegistryHoldsEveryLayerOfTheFolder() throws {
    let named = try layerFiles().filter {
      $0.text.contains(/struct \w+: (NamedLayer|NamedLayer, \w+|Modulator|Readout) \{/)
    }
    .map { String($0.name.dropLast(".swift".count)) }
    #expect(named.sorted() == AllLayers.registered)
  }
}
