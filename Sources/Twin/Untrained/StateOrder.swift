import Layers

/// The order of tensors in VisionCore's checkpoints: torch lists a module's own parameters, then its own buffers, then its
/// modules in the order in which they were made.
enum StateOrder {
  static func sorted(_ declarations: [Blueprint.Declaration]) -> [Blueprint.Declaration] {
    declarations.enumerated().sorted { a, b in
      let (x, y) = (key(a.element), key(b.element))
      return x == y ? a.offset < b.offset : x.lexicographicallyPrecedes(y)
    }.map(\.element).reduce(into: []) { list, declaration in
      list.insert(declaration, at: place(of: declaration, in: list))
    }
  }

  /// A parametrised weight is a module of its own or was registered again, so that the bias comes before it.
  private static func place(of declaration: Blueprint.Declaration, in list: [Blueprint.Declaration]) -> Int {
    guard declaration.name.hasSuffix(".bias") else { return list.count }
    let module = declaration.name.dropLast("bias".count)
    let moved = list.reversed().prefix { other in
      other.name.hasPrefix(module + "parametrizations.") || other.name.hasPrefix(module + "weight_")
    }
    return list.count - moved.count
  }

  private static let parts = [
    "baseline", "activation", "adapter", "adapters", "frontend", "convnet", "modulator", "recurrent", "readout",
    "readouts", "baselines", "spike_history",
  ]
  /// Within a part, by the piece of the name that tells.
  private static let pieces = [
    "log_sigma", "layers", "stem", "main_block", "shortcut", "bias", "mean", "std", "theta", "features", "fc",
  ]

  private static func key(_ declaration: Blueprint.Declaration) -> [Int] {
    let names = declaration.name.split(separator: ".").map(String.init)
    let part = parts.firstIndex(of: names[0]) ?? parts.count
    let isNumbered = ["adapters", "readouts", "baselines", "spike_history"].contains(names[0])
    let head = isNumbered && names.count > 1 ? Int(names[1]) ?? 0 : 0
    var key = [part, head]
    if ["adapter", "adapters", "readout", "readouts"].contains(names[0]), let last = names.last {
      let piece = names.contains("features") ? "features" : names.contains("fc") ? "fc" : last
      key.append(pieces.firstIndex(of: piece) ?? pieces.count)
    } else if names[0] == "convnet", names.count > 1 {
      key.append(pieces.firstIndex(of: names[1]) ?? pieces.count)
    }
    return key
  }
}
