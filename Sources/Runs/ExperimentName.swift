import Formats

/// Settings that are nowhere but in the name of an experiment, as VisionCore's scripts build it:
/// `<model>_ddp_bs256_ds30_lr1e-3_wd1e-4_corelrscale.5_warmup5`.
enum ExperimentName {
  private static let norms: Set<Substring> = ["grn", "rms", "instance", "layer", "batch", "group", "lrn"]
  private static let modulators: Set<Substring> = ["none", "concat", "film"]
  private static let recurrent: Set<Substring> = ["convgru", "none"]

  /// Empty for a name that no such script built.
  static func parameters(_ name: String) -> [ConfigNode.Entry] {
    let tokens = name.split(separator: "_")
    var found: [ConfigNode.Entry] = []
    for token in tokens {
      guard let match = token.wholeMatch(of: /([A-Za-z]+?)(\d*\.?\d+(?:e-?\d+)?|\d+\.)/), let number = Double(match.2),
        !["version", "v", "epoch", "run"].contains(match.1)
      else { continue }
      found.append(.init(String(match.1), Int(match.2).map { .int($0) } ?? .double(number)))
    }
    guard Set(found.map(\.key)).intersection(["lr", "wd", "bs", "ds"]).count >= 2 else { return [] }
    return found + model(tokens)
  }

  /// What the name of the model's YAML tells, where the settings name it.
  static func parameters(ofModel settings: [ConfigNode.Entry]) -> [ConfigNode.Entry] {
    guard let path = settings.first(where: { $0.key == "model_cfg" || $0.key == "model_config" })?.value.stringValue,
      let file = path.split(separator: "/").last
    else { return [] }
    return model((file.split(separator: ".").first ?? file).split(separator: "_"))
  }

  private static func model(_ tokens: [Substring]) -> [ConfigNode.Entry] {
    var found: [ConfigNode.Entry] = []
    if let norm = tokens.first(where: norms.contains) { found.append(.init("norm", .string(String(norm)))) }
    for (first, second) in zip(tokens, tokens.dropFirst())
    where modulators.contains(first) && recurrent.contains(second) {
      found.append(.init("modulator", .string(String(first))))
      found.append(.init("recurrent", .string(String(second))))
      break
    }
    return found
  }
}
