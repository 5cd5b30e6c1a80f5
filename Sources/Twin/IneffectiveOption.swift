import Formats

/// An option that a configuration writes and VisionCore silently makes nothing of.
///
/// Source: SEMANTICS 3, 5, 6, 7, 8, 10, 11, 12
public struct IneffectiveOption: Sendable, Equatable {
  /// `convnet.params.block_configs.1.conv_params.padding`
  public var path: String
  public var why: String
}

extension TwinArchitecture {
  /// Options without effect, in the configuration's order.
  public var ineffectiveOptions: [IneffectiveOption] {
    var search = IneffectiveOptionSearch()
    let parts = ["frontend", "convnet", "modulator", "recurrent"]
    for key in parts {
      guard let node = configuration[key], (node["type"]?.stringValue ?? "none") != "none" else { continue }
      search.unread(node["params"], "\(key).params")
    }
    search.frontend(configuration["frontend"])
    search.convnet(configuration["convnet"])
    search.recurrent(configuration["recurrent"])
    if let channels = configuration.at("modulator.params.feature_dim")?.intValue, layers.modulator != nil,
      channels != layers.convnet.outputChannels
    {
      search.add(
        "modulator.params.feature_dim",
        "\(channels) is overwritten by the convnet's \(layers.convnet.outputChannels) output channels")
    }
    let cells = Set(heads.map(\.cellCount)).sorted()
    if let units = configuration.at("readout.params.n_units")?.intValue, cells != [units] {
      search.add(
        "readout.params.n_units",
        "\(units) is overruled by the number of cids: the heads have \(cells.map(String.init).joined(separator: ", ")) cells"
      )
    }
    return search.found
  }
}

/// Walks a configuration for options that are written to no effect.
struct IneffectiveOptionSearch {
  private(set) var found: [IneffectiveOption] = []

  mutating func add(_ path: String, _ why: String) { found.append(IneffectiveOption(path: path, why: why)) }

  /// Keys that no part reads, wherever they stand.
  mutating func unread(_ node: ConfigNode?, _ path: String) {
    switch node {
    case .map(let entries)?:
      for entry in entries {
        if ["dim", "checkpointing", "height", "width"].contains(entry.key), asks(entry.value) {
          add("\(path).\(entry.key)", "never read")
        } else {
          unread(entry.value, "\(path).\(entry.key)")
        }
      }
    case .list(let items)?:
      for (index, item) in items.enumerated() { unread(item, "\(path).\(index)") }
    default: break
    }
  }

  mutating func frontend(_ node: ConfigNode?) {
    guard let options = node?["params"] else { return }
    switch node?["type"]?.stringValue {
    case "learnable_temporal":
      if asks(options["causal"]) { add("frontend.params.causal", "the convolution is never padded") }
      let isWindowed = options["aa_signal"]?.boolValue == true
      if isWindowed || options["use_weight_norm"]?.boolValue == true, asks(options["init_type"]) {
        add(
          "frontend.params.init_type",
          "with windows or weight norm the kernels start from torch's default, whatever is asked for")
      }
      weighting(options, "frontend.params")
    case "conv": block(options, "frontend.params")
    default: break
    }
  }

  mutating func convnet(_ node: ConfigNode?) {
    guard let options = node?["params"] else { return }
    let type = node?["type"]?.stringValue ?? "none"
    if let stem = options["stem_config"], !stem.isNull { block(stem, "convnet.params.stem_config") }
    for (index, item) in (options["block_configs"]?.listValue ?? []).enumerated() {
      let path = "convnet.params.block_configs.\(index)"
      if ["resnet", "densenet"].contains(type), asks(item["out_channels"]) {
        add("\(path).out_channels", "`channels` gives the width of a \(type) block")
      }
      block(item, path)
    }
  }

  mutating func recurrent(_ node: ConfigNode?) {
    for key in ["learnable_h0", "use_layer_norm", "use_depthwise", "use_grouped", "use_residual"]
    where asks(node?["params"]?[key]) {
      add("recurrent.params.\(key)", "never read")
    }
  }

  private mutating func block(_ options: ConfigNode, _ path: String) {
    let convolution = options["conv_params"] ?? .null
    padding(options, convolution, path)
    weighting(convolution, "\(path).conv_params")
    if options["norm_type"]?.stringValue == "layer", options["norm_params"]?["affine"]?.boolValue == true {
      add("\(path).norm_params.affine", "a layer norm has no parameters here")
    }
    let pool = options["pool_params"] ?? .null
    switch pool["type"]?.stringValue {
    case "adaptiveavg"?, "adaptivemax"?:
      for key in ["stride", "padding"] where asks(pool[key]) {
        add("\(path).pool_params.\(key)", "an adaptive pool has its output size alone")
      }
    case "aablur"?, "se_pool"?:
      if asks(pool["channels"]) { add("\(path).pool_params.channels", "set to the convolution's output channels") }
    default: break
    }
  }

  private mutating func padding(_ options: ConfigNode, _ convolution: ConfigNode, _ path: String) {
    guard let padding = Self.axes(convolution["padding"]), let kernel = Self.axes(convolution["kernel_size"]),
      padding.contains(where: { $0 != 0 })
    else { return }
    let place = "\(path).conv_params.padding"
    let pads = options["order"]?.listValue.map { $0.contains(.string("pad")) } ?? true
    let isCausal = options["causal"]?.boolValue ?? true
    let padsItself = isCausal && kernel[0] > 1
    switch (pads, padsItself) {
    case (true, false):
      add(place, "with `pad` in the order, a kernel of one time step or a non-causal one is not padded")
    case (false, true): add(place, "`pad` is not in the order of a causal block")
    case (true, true):
      if convolution["padding"]?.listValue != nil, padding[0] != 0 {
        add(place, "its time entry \(padding[0]) is ignored: a causal kernel is padded by its own length")
      }
    case (false, false): break
    }
  }

  private mutating func weighting(_ options: ConfigNode, _ path: String) {
    let isNormed = options["use_weight_norm"]?.boolValue == true
    if !isNormed, asks(options["keep_unit_norm"]) { add("\(path).keep_unit_norm", "use_weight_norm is off") }
    if options["aa_signal"]?.boolValue != true {
      for key in ["aa_window", "aa_window_kwargs"] where asks(options[key]) {
        add("\(path).\(key)", "aa_signal is off")
      }
    }
  }

  /// Whether something other than nothing, false and an empty map is asked for.
  private func asks(_ node: ConfigNode?) -> Bool {
    switch node {
    case nil, .null?, .bool(false)?: false
    case .map(let entries)?: !entries.isEmpty
    default: true
    }
  }

  private static func axes(_ node: ConfigNode?) -> [Int]? {
    guard let list = node?.intList else { return nil }
    return list.count == 3 ? list : list.count == 1 ? [list[0], list[0], list[0]] : nil
  }
}
