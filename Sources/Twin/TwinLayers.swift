import Base
import Formats
import Kernels
import Layers

/// All layers of a twin, with or without their values.
struct TwinLayers: Sendable {
  struct Head: Sendable {
    var adapter: any Layer
    var readout: any Readout
    var baseline: Parameter?
    var history: HistoryEncoder?
    var calibration: OutputCalibration?
  }

  var inputChannels: Int
  /// No adapter, frontend and convnet: the features are ones (in number: channels), whatever the stimulus.
  var constantChannels: Int?
  /// A head whose configuration and tensors disagree keeps the failure until it is used.
  var heads: [Int: Result<Head, Failure>]
  var frontend: any Layer
  var convnet: any Layer
  var modulator: (any Modulator)?
  var recurrent: any Layer
  var outputActivation: any SampleLayer
  var outputIsLogRate: Bool
  var baselineActivation: (any SampleLayer)?
  var samplingRate: Double?
  var requiresHistory: Bool
  /// Newest frames of a window that are grey, whatever the stimulus shows (`frontend.params.lag_mask`).
  ///
  /// Source: TRAINING 11 (`lagmask`): only this guarantees a latency.
  var lagMask = 0

  /// What is asked for behind the output activation.
  var calibration: OutputCalibration.Options?
  /// Whether a layer reads the statistics of the stimulus.
  var readsStatistics = false

  private static let modelTypes = ["v1", "v1multi", "v1multi_history"]

  /// - Throws: `unsupported` naming a layer or option in the configuration, `missing` or `mismatch` for tensors.
  init(
    _ configuration: ConfigNode, source: any ArraySource, purpose: Weights.Purpose, loadsCore: Bool = true,
    backend: any Backend = Backends.standard, heads configurations: [HeadConfiguration], only: Set<Int>? = nil
  ) throws {
    LayerCount.add(hasValues: purpose != .shapes)
    let weights = Weights(source: source, purpose: loadsCore ? purpose : .shapes, backend: backend)
    let headWeights = Weights(source: source, purpose: purpose, backend: backend)
    var top = try Section(configuration, path: "")
    let modelType = try top.string("model_type") ?? "v1multi"
    guard Self.modelTypes.contains(modelType) else {
      throw top.unknown("model_type", "model type", modelType, among: Self.modelTypes)
    }
    // Training's own: losses, schedules, names. None of it changes the forward pass.
    top.ignore(
      "regularization", "name", "description", "loss_type", "loss", "optimizer", "scheduler", "training",
      "lambda_activity",
      "seed", "dropout", "output_dim", "n_units", "feature_dim", "height", "width", "dim")
    samplingRate = try top.double("sampling_rate")
    let context = Site.Context(factory: RegisteredLayers(), samplingRate: samplingRate ?? 240)
    let inputChannels = try top.size("initial_input_channels") ?? 1
    self.inputChannels = inputChannels

    let adapterNode = top.node("adapter")
    let readoutNode = top.node("readout") ?? .map([.init("type", .string("gaussian"))])
    var channels = inputChannels
    var greyFrames = 0
    func component(_ key: String, in top: inout Section) throws -> (type: String, site: Site) {
      var section = try top.section(key)
      let type = try section.string("type") ?? "none"
      let params = try section.section("params")
      try section.finish()
      return (
        type, Site(type: type, options: params, weights: weights.scope(key), inputChannels: channels, context: context)
      )
    }
    func layer(_ key: String, _ family: LayerFamily, in top: inout Section) throws -> any Layer {
      var (type, site) = try component(key, in: &top)
      var pool: TemporalPooling.Options?
      if family == .frontend {
        greyFrames = try site.options.size("lag_mask", minimum: 0) ?? 0
        pool = try TemporalPooling.Options(&site.options)
      }
      let layer: any Layer =
        type == "none"
        ? Identity(name: key, outputChannels: channels)
        : try AllLayers.build(family, &site, named: "\(key).type")
      channels = layer.outputChannels
      guard let pool else { return layer }
      return PooledFrontend(layer, try TemporalPooling(site.weights.scope("temporal_pool"), channels: channels, pool))
    }
    let adapterIsNone = (adapterNode?["type"]?.stringValue ?? "none") == "none"
    frontend = try layer("frontend", .frontend, in: &top)
    convnet = try layer("convnet", .network, in: &top)
    lagMask = greyFrames
    readsStatistics =
      frontend.hasPart { $0 is StimulusConditionedNorm } || convnet.hasPart { $0 is StimulusConditionedNorm }
    constantChannels = nil
    if adapterIsNone, frontend is Identity, convnet is Identity {
      constantChannels = modelType == "v1multi_history" ? 0 : 1
      channels = constantChannels ?? 1
    }
    var (modulatorType, modulatorSite) = try component("modulator", in: &top)
    modulator = modulatorType == "none" ? nil : try AllLayers.modulator(&modulatorSite, named: "modulator.type")
    channels = modulator?.outputChannels ?? channels
    recurrent = try layer("recurrent", .recurrent, in: &top)

    let outputType = try top.string("output_activation") ?? "none"
    outputIsLogRate = outputType == "none"
    outputActivation = try Self.activation(outputType, "output_activation", weights.scope("activation"), context)
    var baseline = try top.section("baseline")
    let hasBaseline = try baseline.bool("enabled") ?? false
    let baselineType = try baseline.string("activation") ?? "relu"
    let baselineStart = try baseline.double("init_value") ?? 0.001
    try baseline.finish()
    baselineActivation =
      hasBaseline ? try Self.activation(baselineType, "baseline.activation", weights.scope("baseline"), context) : nil

    var calibrationSection = try top.section("output_calibration")
    calibration = try OutputCalibration.Options(
      &calibrationSection, outputIsLogRate: outputIsLogRate, readsStimulus: constantChannels == nil)
    if calibration?.followsStimulus == true { readsStatistics = true }

    let historyNode = modelType == "v1multi_history" ? top.node("history_encoder") ?? HistoryEncoder.standard : nil
    requiresHistory = historyNode.map { ($0["type"]?.stringValue ?? "none") != "none" } ?? false
    top.ignore("history_encoder")
    try top.finish()

    let isSingle = modelType == "v1"
    let count = try Self.headCount(source, isSingle: isSingle, configurations: configurations)
    heads = [:]
    for index in 0..<count where only?.contains(index) ?? true {
      let own = configurations.indices.contains(index) ? configurations[index] : nil
      do {
        heads[index] = .success(
          try Self.head(
            index, isSingle: isSingle, weights: headWeights, adapter: own?.adapter ?? adapterNode,
            readout: own?.readout ?? readoutNode, inputChannels: inputChannels, featureChannels: channels,
            context: context, baselineStart: hasBaseline ? baselineStart : nil,
            history: requiresHistory ? historyNode : nil, calibration: calibration))
      } catch let failure as Failure where own?.saysNothing ?? true && failure.kind != .unsupported && index > 0 {
        heads[index] = .failure(failure)
      }
    }
  }

  /// The frontend's learned temporal filters; nil for a frontend of another type.
  var learnedFilters: LearnableTemporal? {
    frontend as? LearnableTemporal ?? (frontend as? PooledFrontend)?.frontend as? LearnableTemporal
  }

  /// This core with the heads of another.
  func with(heads other: TwinLayers) -> TwinLayers {
    var copy = self
    copy.heads = other.heads
    return copy
  }

  /// - Throws: the failure of a head that does not fit, `missing` for one that is not there.
  func head(_ index: Int) throws -> Head {
    guard let head = heads[index] else {
      throw Failure(
        .missing, "no head \(index)", hint: "heads: \(heads.keys.sorted().map(String.init).joined(separator: ", "))")
    }
    return try head.get()
  }

  private static func activation(_ type: String, _ path: String, _ weights: Weights, _ context: Site.Context) throws
    -> any SampleLayer
  {
    var site = Site(
      type: type, options: try Section(nil, path: path), weights: weights, inputChannels: 0, context: context)
    let layer = try context.factory.sampleLayer(.activation, &site, named: path)
    if layer is SplitReLU { throw Failure(.unsupported, "\(path): `splitrelu` would give two outputs a cell") }
    return layer
  }

  /// Heads that the tensors speak of.
  private static func headCount(_ source: any ArraySource, isSingle: Bool, configurations: [HeadConfiguration]) throws
    -> Int
  {
    if isSingle { return 1 }
    if let blueprint = source as? Blueprint { return blueprint.cellCounts.count }
    let indices = source.arrayNames.compactMap { name -> Int? in
      let pieces = name.split(separator: ".", maxSplits: 2)
      guard pieces.count > 1, pieces[0] == "readouts" else { return nil }
      return Int(pieces[1])
    }
    guard let last = indices.max(), last < 1 << 16 else {
      throw Failure(.missing, "\(source.origin): no readout: the checkpoint has no tensor `readouts.0.…`")
    }
    return last + 1
  }

  private static func head(
    _ index: Int, isSingle: Bool, weights: Weights, adapter: ConfigNode?, readout: ConfigNode?, inputChannels: Int,
    featureChannels: Int, context: Site.Context, baselineStart: Double?, history: ConfigNode?,
    calibration: OutputCalibration.Options?
  ) throws -> Head {
    var weights = weights
    if let blueprint = weights.source as? Blueprint, blueprint.cellCounts.indices.contains(index) {
      weights.cellCount = blueprint.cellCounts[index]
    }
    func site(_ node: ConfigNode?, _ key: String, _ scope: Weights, _ channels: Int) throws -> Site? {
      var section = try Section(node, path: key)
      let type = try section.string("type") ?? "none"
      let params = try section.section("params")
      try section.finish()
      guard type != "none" else { return nil }
      return Site(type: type, options: params, weights: scope, inputChannels: channels, context: context)
    }
    let adapterScope = weights.scope(isSingle ? "adapter" : "adapters.\(index)")
    var built: any Layer = Identity(name: adapterScope.prefix, outputChannels: inputChannels)
    if var adapterSite = try site(adapter, "adapter", adapterScope, inputChannels) {
      built = try AllLayers.build(.adapter, &adapterSite, named: "adapter.type")
    }
    guard
      var readoutSite = try site(
        readout, "readout", weights.scope(isSingle ? "readout" : "readouts.\(index)"), featureChannels)
    else { throw Failure(.unsupported, "readout.type: a twin without a readout predicts nothing") }
    let cells = try AllLayers.readout(&readoutSite, named: "readout.type")
    let baseline =
      try baselineStart.map {
        try weights.parameter(
          isSingle ? "baseline" : "baselines.\(index)", [cells.cellCount], start: .constant(Float($0)))
      }
    let encoder = try history.map {
      try HistoryEncoder($0, weights: weights.scope("spike_history.\(index)"), cells: cells.cellCount, context: context)
    }
    let calibrated = try calibration.map {
      try OutputCalibration(
        weights.scope(isSingle ? "readout.calibration" : "readouts.\(index).calibration"), cells: cells.cellCount, $0)
    }
    return Head(adapter: built, readout: cells, baseline: baseline, history: encoder, calibration: calibrated)
  }
}
