import Base

/// Runs of the same data, by the levels of each axis, and what must be equal in two runs that make a pair.
struct MatchedRuns {
  /// A number with more values is split at its median.
  private static let mostLevels = 6

  let scores: [Double]
  /// Scores of each run cell by cell, `[run][cell]`; empty where runs have one score.
  private let cells: [[Double]]
  /// The settings that are compared.
  private(set) var axes: [String] = []
  let seeds: [String]
  private(set) var remarks: [String] = []
  /// Level of each run on an axis, a number with many values cut into two halves; nil where the run has none.
  private(set) var levels: [String: [SettingLevel?]] = [:]
  /// As recorded.
  private var recorded: [String: [SettingLevel?]] = [:]
  /// What must be equal in a pair, but for its axes.
  private var others: [String] = []

  /// - Parameter asked: nil for all settings that vary.
  init(_ entries: [ComparedRuns.Entry], _ runs: ComparedRuns, asked: [String]?) {
    scores = entries.map(\.score)
    cells = entries.contains { $0.cells.isEmpty } ? [] : entries.map(\.cells)
    seeds = runs.seeds
    for name in runs.settings + seeds { recorded[name] = entries.map { $0.levels[name] } }
    let varying = runs.settings.filter { Set(values($0)).count > 1 }
    let plain = varying.filter { !isPath($0) }
    let derived = varying.filter { isPath($0) && isFunction($0, of: plain) && asked?.contains($0) != true }
    if !derived.isEmpty {
      remarks.append(
        "\(derived.joined(separator: ", ")): \(derived.count == 1 ? "it follows" : "they follow") from other settings, and \(derived.count == 1 ? "is" : "are") not compared"
      )
    }
    others = varying.filter { !derived.contains($0) }
    for name in others where asked?.contains(name) ?? true {
      let count = Set(values(name).compactMap { $0 }).count
      let isNumber = values(name).allSatisfy { $0 == nil || $0?.number != nil }
      guard count > 1, asked != nil || isNumber || count <= 20 else { continue }
      if asked == nil, let same = axes.first(where: { isFunction(name, of: [$0]) && isFunction($0, of: [name]) }) {
        remarks.append("\(name) goes along with \(same): their effects can't be told apart")
        continue
      }
      axes.append(name)
      levels[name] = count > Self.mostLevels && isNumber ? halves(name) : values(name)
    }
  }

  private func values(_ name: String) -> [SettingLevel?] { recorded[name] ?? [] }

  private func isPath(_ name: String) -> Bool {
    values(name).contains { $0.map { $0.number == nil && ($0.text.contains("/") || $0.text.utf8.count > 40) } ?? false }
  }

  private func key(_ names: [String], _ run: Int) -> String {
    names.map { values($0)[run]?.text ?? "\u{0}" }.joined(separator: "\n")
  }

  /// Whether runs with the same values of `names` have the same value of a setting.
  private func isFunction(_ name: String, of names: [String]) -> Bool {
    guard !names.isEmpty else { return false }
    var found: [String: SettingLevel?] = [:]
    for run in scores.indices {
      let key = key(names, run)
      if let known = found[key] {
        if known != values(name)[run] { return false }
      } else {
        found[key] = values(name)[run]
      }
    }
    return true
  }

  /// The lower and the upper half of a number's values.
  private func halves(_ name: String) -> [SettingLevel?] {
    let sorted = values(name).compactMap { $0?.number }.sorted()
    // The largest value of the lower half, so that neither is empty.
    let middle = sorted[(sorted.count - 1) / 2]
    let cut = middle < sorted[sorted.count - 1] ? middle : sorted.last { $0 < middle } ?? middle
    let text = NumberText.significant(cut, digits: 3)
    return values(name).map { level in
      level?.number.map { SettingLevel($0 <= cut ? "up to \(text)" : "above \(text)", order: $0 <= cut ? 0 : 1) }
    }
  }

  /// Levels of an axis, the reference first.
  func order(of axis: String) -> [SettingLevel] {
    let known = (levels[axis] ?? []).compactMap { $0 }
    let counts = Dictionary(grouping: known) { $0 }.mapValues(\.count)
    let sorted = counts.keys.sorted()
    guard !sorted.allSatisfy({ $0.number != nil }) else { return sorted }
    let most = counts.values.max() ?? 0
    guard let reference = sorted.first(where: { counts[$0] == most }) else { return sorted }
    return [reference] + sorted.filter { $0 != reference }
  }

  /// The signed sum over groups of runs, each given by levels of axes.
  ///
  /// - Returns: nil where a group has no run.
  func contrast(_ groups: [[String: SettingLevel]], _ signs: [Double]) -> RunContrast? {
    let places = scores.indices.map { run in
      groups.firstIndex { group in group.allSatisfy { levels[$0.key]?[run] == $0.value } }
    }
    let pairs = pairs(Array((groups.first ?? [:]).keys), places, groups.count)
    var contrast: RunContrast
    let sums: [[Sum]]
    if pairs.isEmpty {
      let members = groups.indices.map { group in scores.indices.filter { places[$0] == group } }
      guard let unpaired = RunContrast(groups: members.map { $0.map { scores[$0] } }, signs: signs) else { return nil }
      (contrast, sums) = (unpaired, [members.map(Sum.init(runs:))])
    } else {
      contrast = RunContrast(
        pairs: pairs.map { zip($0, signs).reduce(0) { $0 + $1.1 * $1.0.mean(of: scores) } })
      sums = pairs
    }
    guard let first = cells.first else { return contrast }
    contrast.add(
      cells: first.indices.map { cell in
        let values = cells.map { $0[cell] }
        return sums.reduce(0) { $0 + zip($1, signs).reduce(0) { $0 + $1.1 * $1.0.mean(of: values) } }
          / Double(sums.count)
      })
    return contrast
  }

  /// Runs whose mean enters.
  private struct Sum {
    var runs: [Int]

    func mean(of values: [Double]) -> Double { runs.reduce(0) { $0 + values[$1] } / Double(runs.count) }
  }

  /// Groups of runs that are the same but for the axes and, where seeds never meet, for their seeds; each has runs at every
  /// place.
  private func pairs(_ axes: [String], _ places: [Int?], _ count: Int) -> [[Sum]] {
    // A setting that follows from an axis differs between its levels: nothing can then be paired.
    let equal = others.filter { !axes.contains($0) }
    for names in [equal + seeds, equal] {
      var sums: [String: [Sum]] = [:]
      for run in scores.indices {
        guard let place = places[run] else { continue }
        sums[key(names, run), default: Array(repeating: Sum(runs: []), count: count)][place].runs.append(run)
      }
      let pairs = sums.sorted { $0.key < $1.key }.map(\.value).filter { $0.allSatisfy { !$0.runs.isEmpty } }
      // A single pair counts where it is all that there is to compare.
      if pairs.count >= 2 || pairs.count == 1 && places.count(where: { $0 != nil }) == count { return pairs }
    }
    return []
  }

  /// Runs that are the same in all but their seeds, by twos or more.
  var repeats: [[Double]] {
    Dictionary(grouping: scores.indices) { key(others, $0) }.values.filter { $0.count > 1 }
      .sorted { $0[0] < $1[0] }.map { $0.map { scores[$0] } }
  }
}
