import Base
import Formats
import Layers

/// A twin's layers and sizes, from its configuration and the names and shapes of its tensors; no value is read.
public struct TwinArchitecture: Sendable {
  public let configuration: ConfigNode
  public let heads: [HeadInfo]
  /// Every tensor of the checkpoint, in file order.
  public let parameters: [ParameterInfo]
  public let requiresBehavior: Bool
  public let requiresHistory: Bool
  /// Stimulus frames a second that the twin was made for, where its configuration says so.
  public let samplingRate: Double?
  /// The output is the logarithm of the rate (`output_activation: none`).
  public let outputIsLogRate: Bool
  /// Channels of the stimulus.
  public var inputChannels: Int { layers.inputChannels }
  let layers: TwinLayers
  package let headConfigurations: [HeadConfiguration]

  /// - Throws: `unsupported` naming a layer or option by its path in the configuration; `missing` or `mismatch` for
  ///   tensors that are not there or have another shape, and for cids that disagree with the readout's tensors.
  public init(configuration: ConfigNode, source: any ArraySource, heads: [HeadConfiguration] = []) throws {
    self.configuration = configuration
    headConfigurations = heads
    layers = try TwinLayers(configuration, source: source, purpose: .shapes, heads: heads)
    parameters = source.arrayNames.compactMap { name in
      source.info(name).map { ParameterInfo(name: name, shape: $0.shape) }
    }
    requiresBehavior = layers.modulator != nil
    requiresHistory = layers.requiresHistory
    samplingRate = layers.samplingRate
    outputIsLogRate = layers.outputIsLogRate

    var infos: [HeadInfo] = []
    for (index, head) in layers.heads.sorted(by: { $0.key < $1.key }) {
      let own = heads.indices.contains(index) ? heads[index] : nil
      // A head that disagrees with the model's configuration still has its cells.
      let cells = try (try? head.get().readout.cellCount) ?? Self.storedCells(index, source)
      if let cids = own?.cids, cids.count != cells {
        throw Self.cellCountMismatch(session: own?.session, head: index, yaml: cids.count, checkpoint: cells)
      }
      infos.append(HeadInfo(index: index, session: own?.session, cids: own?.cids, cellCount: cells))
    }
    if heads.count > infos.count {
      let extra = heads[infos.count]
      throw Self.cellCountMismatch(
        session: extra.session, head: infos.count, yaml: extra.cids?.count, checkpoint: nil)
    }
    self.heads = infos
  }

  /// `Sim_2025-01-10: yaml 116 cells, checkpoint 120`
  public static func cellCountMismatch(session: String?, head: Int, yaml: Int?, checkpoint: Int?) -> Failure {
    let name = session ?? "head \(head)"
    let left = yaml.map { "yaml \($0) cells" } ?? "in the yaml"
    let right = checkpoint.map { "checkpoint \($0)" } ?? "checkpoint has no such head"
    return Failure(
      .mismatch, "\(name): \(left), \(right)", hint: "give the session list that the twin was trained with")
  }

  private static func storedCells(_ index: Int, _ source: any ArraySource) throws -> Int {
    let prefix = GaussianReadout.prefix(head: index)
    for part in [GaussianReadout.Part.features.rawValue, "fc.weight", "bias"] {
      if let count = source.info(prefix + part)?.shape.first { return count }
    }
    throw Failure(.missing, "\(source.origin): no tensors of `readouts.\(index)`")
  }

  /// The head of a session, by its name.
  public func head(session: String) -> HeadInfo? { heads.first { $0.session == session } }

  /// Sizes from the adapter to the recurrent part for one sample.
  ///
  /// - Throws: `mismatch` naming the layer and the shapes.
  func shapes(_ input: FeatureShape, head: Int, withBehavior: Bool) throws -> StageShapes {
    let adapter = try layers.head(head).adapter
    var shape = input
    if let constant = layers.constantChannels {
      shape = FeatureShape(channels: constant, time: 1, height: 1, width: 1)
    } else if input.channels != layers.inputChannels {
      throw Failure(.mismatch, "the stimulus has \(input.channels) channels, the twin takes \(layers.inputChannels)")
    }
    let adapted = try adapter.outputShape(for: shape)
    let front = try layers.frontend.outputShape(for: adapted)
    let network = try layers.convnet.outputShape(for: front)
    let modulated = withBehavior ? try layers.modulator?.outputShape(for: network) ?? network : network
    let recurrent = try layers.recurrent.outputShape(for: modulated)
    try layers.head(head).readout.check(recurrent)
    return StageShapes(
      adapter: adapted, frontend: front, convnet: network, modulator: modulated, recurrent: recurrent)
  }

  struct StageShapes: Sendable {
    var adapter, frontend, convnet, modulator, recurrent: FeatureShape
  }

  /// The layers as a tree, with the sizes that follow from an input of `[channel, time, height, width]`.
  ///
  /// - Throws: `mismatch` naming the layer and the shapes where this input can't work.
  public func tree(input: [Int]) throws -> ArchitectureNode {
    guard input.count == 4, input.allSatisfy({ $0 > 0 }) else {
      throw Failure(.mismatch, "an input has four sizes (channel, time, height, width), not \(input)")
    }
    let size = FeatureShape(channels: input[0], time: input[1], height: input[2], width: input[3])
    guard let first = heads.first(where: { (try? layers.head($0.index)) != nil }) else {
      throw Failure(.missing, "the twin has no head that fits its configuration")
    }
    let shapes = try shapes(size, head: first.index, withBehavior: true)
    let start = layers.constantChannels.map { FeatureShape(channels: $0, time: 1, height: 1, width: 1) } ?? size
    var adapters: [ArchitectureNode] = []
    var readouts: [ArchitectureNode] = []
    for info in heads {
      switch layers.heads[info.index] {
      case .success(let head)?:
        var adapter = try head.adapter.node(for: start)
        var readout = head.readout.node()
        if let session = info.session {
          adapter.detail += ", \(session)"
          readout.detail += ", \(session)"
        }
        var extra: [StoredTensor] = head.baseline.map { [$0.stored] } ?? []
        extra += head.history?.perceptron.tensors ?? []
        extra += head.calibration?.tensors ?? []
        readout.parameterCount += extra.reduce(0) { $0 + ($1.isBuffer ? 0 : $1.count) }
        readout.parameterNames += extra.map(\.name)
        if head.history != nil { readout.detail += ", spike history" }
        if head.baseline != nil { readout.detail += ", baseline" }
        if let calibration = head.calibration { readout.detail += ", \(calibration.detail)" }
        adapters.append(adapter)
        readouts.append(readout)
      case .failure(let failure)?:
        readouts.append(
          ArchitectureNode(
            name: "readouts.\(info.index)", detail: failure.message, outputShape: [info.cellCount], parameterCount: 0,
            parameterNames: []))
      case nil: break
      }
    }
    var children = [Self.group("adapters", adapters)]
    children.append(try layers.frontend.node(for: shapes.adapter))
    children.append(try layers.convnet.node(for: shapes.frontend))
    if let modulator = layers.modulator { children.append(try modulator.node(for: shapes.convnet)) }
    children.append(try layers.recurrent.node(for: shapes.modulator))
    children.append(Self.group("readouts", readouts))
    return ArchitectureNode(
      name: "twin",
      detail: "\(heads.count) heads, output \(layers.outputIsLogRate ? "log rate" : layers.outputActivation.detail)"
        + (lagMask == 0 ? "" : ", newest \(lagMask == 1 ? "frame" : "\(lagMask) frames") grey"),
      outputShape: nil, tensors: [], children: children)
  }

  /// One node for what every head has its own of; alone it stands for itself.
  private static func group(_ name: String, _ nodes: [ArchitectureNode]) -> ArchitectureNode {
    if nodes.count == 1, let only = nodes.first { return only }
    return ArchitectureNode(
      name: name, detail: "\(nodes.count) heads", outputShape: nodes.first?.outputShape, tensors: [], children: nodes)
  }
}
