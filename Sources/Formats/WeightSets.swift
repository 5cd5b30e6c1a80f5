import Base

/// One set of weights in a file: under `state_dict`, an average under `ema_state_dict`, or the file as a whole.
struct WeightSet<Weight: Sendable>: Sendable {
  /// The path to it in the file: `callbacks.EMA.ema_state_dict`; `(all)` where the file itself is the dict, whose
  /// averages go by their own names, `ema`.
  let name: String
  /// Whether the weights are an average over training steps.
  let isAveraged: Bool
  let entries: [(name: String, value: Weight)]
}

/// Finds the sets of weights in a file of `torch.save`, the main one first.
enum WeightSets {
  /// Where trainers keep the weights, in the order of preference.
  private static let names = [
    "state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights", "params",
  ]
  /// What holds tensors that are not weights.
  private static let others = ["optim", "sched", "loops", "hyper_parameters", "hparams", "rng", "scaler", "covariates"]
  static let whole = "(all)"
  private static let averages: Set<Substring> = ["ema", "swa", "average", "averaged", "polyak", "shadow"]

  static func find(_ root: PickleValue) -> [WeightSet<PickleValue>] {
    guard let entries = root.entries else { return [] }
    var found: [WeightSet<PickleValue>] = []
    if isWeights(entries, isRoot: true) {
      found = split(whole, named(entries.filter { StoredWeight.isTensor($0.value) || $0.value.items != nil }))
    } else {
      var budget = 4000
      collect(root, "", depth: 0, into: &found, &budget)
    }
    let isSwapped = root["averaging_state"] != nil || root["current_model_state"] != nil
    return ordered(
      found.map { set in
        WeightSet(
          name: set.name, isAveraged: set.isAveraged || isSwapped && set.name == "state_dict", entries: set.entries)
      })
  }

  /// The sets of a file that is one list of named weights.
  static func find<Weight>(_ entries: [(name: String, value: Weight)]) -> [WeightSet<Weight>] {
    ordered(split(whole, entries))
  }

  /// The main set first, then those that hold most of its weights under the same names.
  private static func ordered<Weight>(_ found: [WeightSet<Weight>]) -> [WeightSet<Weight>] {
    let sets = found.enumerated().map { (rank: rank($1), index: $0, set: $1) }
      .sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map(\.set)
    guard let main = sets.first, sets.count > 1 else { return sets }
    let known = Set(main.entries.map { WrapperNames.stripped($0.name) })
    return [main]
      + sets.dropFirst().filter { set in
        2 * set.entries.count { known.contains(WrapperNames.stripped($0.name)) } >= known.count
      }
  }

  private static func rank<Weight>(_ set: WeightSet<Weight>) -> Int {
    if let place = names.firstIndex(of: set.name) { return place }
    let last = set.name.split(separator: ".").last.map(String.init) ?? ""
    return (set.isAveraged ? 200 : 0) + (names.firstIndex(of: last).map { 20 + $0 } ?? 100)
  }

  private static func collect(
    _ value: PickleValue, _ path: String, depth: Int, into sets: inout [WeightSet<PickleValue>], _ budget: inout Int
  ) {
    for (key, value) in value.entries ?? [] {
      guard let key = key.stringValue, budget > 0 else { continue }
      budget -= 1
      if others.contains(where: key.lowercased().contains) { continue }
      let name = path.isEmpty ? key : "\(path).\(key)"
      guard let entries = value.entries else { continue }
      if name == "state_dict" || isWeights(entries, isRoot: false) {
        sets += split(name, named(entries))
      } else if depth < 4 {
        collect(value, name, depth: depth + 1, into: &sets, &budget)
      }
    }
  }

  /// A dict of named tensors, most of whose entries are tensors. A whole file must hold more than that: a prediction's
  /// arrays have names without dots.
  private static func isWeights(_ entries: [(key: PickleValue, value: PickleValue)], isRoot: Bool) -> Bool {
    guard !entries.isEmpty, entries.allSatisfy({ $0.key.stringValue != nil }) else { return false }
    let tensors = entries.filter { StoredWeight.isTensor($0.value) }
    guard 2 * tensors.count > entries.count else { return false }
    return !isRoot || tensors.count == entries.count || tensors.contains { $0.key.stringValue?.contains(".") ?? false }
  }

  private static func named(_ entries: [(key: PickleValue, value: PickleValue)]) -> [(name: String, value: PickleValue)]
  {
    entries.compactMap { key, value in key.stringValue.map { ($0, value) } }
  }

  /// A dict's weights, those under the name of an average (`ema_model.…`) as a set of their own.
  private static func split<Weight>(_ name: String, _ entries: [(name: String, value: Weight)]) -> [WeightSet<Weight>] {
    var main: [(name: String, value: Weight)] = []
    var averaged: [(part: String, entries: [(name: String, value: Weight)])] = []
    var counter = false
    for (text, value) in entries {
      let bare = WrapperNames.stripped(text)
      let parts = bare.split(separator: ".", maxSplits: 1)
      if bare == "n_averaged" {
        counter = true
      } else if parts.count == 2, isAverage(String(parts[0])) {
        if parts[1] == "n_averaged" { continue }
        let entry = (name: String(parts[1]), value: value)
        if let place = averaged.firstIndex(where: { $0.part == parts[0] }) {
          averaged[place].entries.append(entry)
        } else {
          averaged.append((String(parts[0]), [entry]))
        }
      } else {
        main.append((text, value))
      }
    }
    let sets = averaged.map {
      WeightSet(name: name == whole ? $0.part : "\(name).\($0.part)", isAveraged: true, entries: $0.entries)
    }
    guard !main.isEmpty || sets.isEmpty else { return sets }
    return [WeightSet(name: name, isAveraged: counter || isAverage(name), entries: main)] + sets
  }

  /// Whether a name says that something is averaged: `ema_state_dict`, `callbacks.EMA`, `swa_model`.
  private static func isAverage(_ name: String) -> Bool {
    name.lowercased().split { !$0.isLetter }.contains { averages.contains($0) }
  }
}
