import Base
import Formats
import Foundation
import RunLogs

/// What a run's settings, its rates and its checkpoints show of the known faults.
struct SettingsCheck {
  let run: RunSummary
  let log: RunLog
  /// The run's newest checkpoint that can be read.
  let checkpoint: CheckpointLog?
  /// Settings in a `run_config.txt` above the run.
  let launch: [ConfigNode.Entry]
  /// The other runs of the set, among which a resumed run's first part may be.
  let others: [RunSummary]

  var faults: [RunFault] { [rateIgnored, contradiction, biasesReset, sameBatches, unrecorded].compactMap { $0 } }

  private func setting(_ names: String...) -> Value? {
    for name in names {
      if let value = run.parameters.first(where: { $0.name == name })?.value, value != .null { return value }
      for entries in [checkpoint?.parameters ?? [], launch] {
        if let node = entries.first(where: { $0.key == name })?.value, node != .null {
          return RunParameterText.value(RunParameterText.text(node))
        }
      }
    }
    return nil
  }

  /// VisionCore's `--core_lr_scale` has no effect: all groups learn at one rate.
  private var rateIgnored: RunFault? {
    guard let scale = (setting("core_lr_scale", "corelrscale", "cls"))?.number, scale != 1 else { return nil }
    let rates = log.curves.filter { $0.name.wholeMatch(of: /lr-[A-Za-z]+\/pg\d+/) != nil }
    let asked = "core_lr_scale \(NumberText.exact(scale)) was asked for"
    if rates.count > 1, let first = rates.first {
      guard rates.allSatisfy({ $0.values == first.values }) else { return nil }
      return fault(
        .rateIgnored,
        "\(asked), but \(rates.map(\.name).joined(separator: ", ")) are equal in all \(first.values.count) rows")
    }
    let groups = (checkpoint?.groups ?? []).compactMap(\.rate)
    guard groups.count > 1, Set(groups).count == 1, let rate = groups.first else { return nil }
    return fault(
      .rateIgnored,
      "\(asked), but the checkpoint's \(groups.count) parameter groups all have the rate \(NumberText.exact(rate))")
  }

  private func fault(_ name: RunFault.Name, _ evidence: String) -> RunFault {
    RunFault(
      run.run, name, isError: true, evidence, remedy: "the core was trained at full rate: compare it with such runs")
  }

  /// The experiment's name says one value, what was recorded another.
  private var contradiction: RunFault? {
    let aliases = [
      "corelrscale": "core_lr_scale", "cls": "core_lr_scale", "bs": "batch_size", "warmup": "warmup_epochs",
    ]
    let wrong = ExperimentName.parameters(run.experimentName).compactMap { entry -> String? in
      guard let named = entry.value.doubleValue else { return nil }
      for key in [entry.key, aliases[entry.key]].compactMap({ $0 }) {
        guard
          let recorded = run.parameters.first(where: { $0.name == key && !$0.isFromName })?.value.number
            ?? checkpoint?.parameters.first(where: { $0.key == key })?.value.doubleValue, recorded != named
        else { continue }
        return "the name says \(entry.key) \(NumberText.exact(named)), the configuration \(NumberText.exact(recorded))"
      }
      return nil
    }
    let launched = launch.compactMap { entry -> String? in
      guard let asked = entry.value.doubleValue ?? entry.value.stringValue.flatMap(NumberField.number),
        let recorded = checkpoint?.parameters.first(where: { $0.key == entry.key })?.value.doubleValue
          ?? run.parameters.first(where: { $0.name == entry.key && !$0.isFromName })?.value.number,
        recorded != asked
      else { return nil }
      let (said, kept) = (NumberText.exact(asked), NumberText.exact(recorded))
      return "\(LaunchFile.name) says \(entry.key) \(said), the configuration \(kept)"
    }
    let all = wrong + launched + renamedTrial
    return all.isEmpty
      ? nil
      : RunFault(
        run.run, .contradiction, isError: true, all.joined(separator: "; "),
        remedy: "believe the configuration")
  }

  /// A Ray trial whose folder says another value than its `params.json`: a folder that was renamed, or files from elsewhere.
  private var renamedTrial: [String] {
    guard run.kind == .ray else { return [] }
    return RayTrialName(run.folder.lastComponent).parameters.compactMap { entry in
      let named = RunParameterText.value(RunParameterText.text(entry.value))
      guard let recorded = run.parameter(entry.key), recorded != .null, !named.plainText.hasSuffix("…") else {
        return nil
      }
      if let a = named.number, let b = recorded.number {
        // Ray writes four decimals.
        guard abs(a - b) > 0.500_1e-4 else { return nil }
      } else if named == recorded {
        return nil
      }
      return "the folder's name says \(entry.key)=\(named.plainText), the configuration \(recorded.plainText)"
    }
  }

  /// VisionCore sets every readout bias again whenever a training starts, also one that is resumed.
  private var biasesReset: RunFault? {
    guard log[metric: "val_bps_overall"] != nil,
      let note = log.remarks.first(where: { $0.hasPrefix(RunLog.resumed) })
    else { return nil }
    let earlier = log.resumedFrom.flatMap { EarlierPart.of(run, from: $0.epoch, among: others) }
    let before = earlier.map { "; the epochs before are in \($0.run)" } ?? ""
    return RunFault(
      run.run, .biasesReset,
      "\(note)\(before); VisionCore sets the readout biases to their empirical values at every start",
      remedy: "compare epochs before and after the resume with care")
  }

  /// VisionCore's script for one GPU seeds its sampler with 0 in every epoch. The losses show it, else the name suggests it.
  private var sameBatches: RunFault? {
    let isNamed = run.experimentName.contains("_sgpu_")
    let losses = RepeatedBatches(log)
    let isSeen = losses.map { $0.correlation >= RepeatedBatches.least } ?? false
    guard isSeen || isNamed && losses == nil else { return nil }
    let seen = losses.map {
      "losses at the same places of consecutive epochs correlate with r = \(NumberText.significant($0.correlation, digits: 2)) (\($0.count) pairs)"
    }
    let named =
      "`sgpu` in its name: VisionCore's script for one GPU draws the same batches in every epoch unless --enable_curriculum is given"
    return RunFault(
      run.run, .sameBatches, [isSeen ? seen : nil, isNamed ? named : nil].compactMap { $0 }.joined(separator: "; "),
      remedy: "train with the DDP script, also on one GPU")
  }

  /// Settings that no file records.
  private var unrecorded: RunFault? {
    guard log[metric: "val_bps_overall"] != nil || run.kind == .checkpoints else { return nil }
    let wanted: [(String, [String])] = [
      ("batch size", ["batch_size", "bs"]), ("scheduler", ["lr_scheduler", "scheduler"]),
      ("warm-up", ["warmup_epochs", "warmup"]), ("gradient clipping", ["gradient_clip_val", "clip"]),
      ("accumulation", ["accumulate_grad_batches", "ga"]), ("steps per epoch", ["steps_per_epoch"]),
      ("precision", ["precision"]), ("seed", ["seed"]),
    ]
    let missing = wanted.filter { names in !names.1.contains { setting($0) != nil } }.map(\.0)
    guard !missing.isEmpty else { return nil }
    return RunFault(
      run.run, .unrecorded, "nowhere in log, checkpoint, name or run_config.txt: \(missing.joined(separator: ", "))",
      remedy: "note them now, while someone knows them")
  }
}

/// `run_config.txt`, which VisionCore's newest script writes above its checkpoints: comment lines, then key=value.
enum LaunchFile {
  static let name = "run_config.txt"
  /// What names a run and does not change its training.
  static let labels: Set<String> = ["project_name", "experiment_name", "checkpoint_dir", "tag"]

  /// Of the run's folder, or the two above it.
  static func settings(near folder: String) -> [ConfigNode.Entry] {
    var path = folder
    for _ in 0..<3 {
      if let text = try? LooseJSON.text(path + "/" + name) {
        return text.split(whereSeparator: \.isNewline).compactMap { line in
          let pair = line.split(separator: "=", maxSplits: 1)
          guard !line.hasPrefix("#"), pair.count == 2 else { return nil }
          return .init(
            pair[0].trimmingCharacters(in: .whitespaces), .string(pair[1].trimmingCharacters(in: .whitespaces)))
        }
      }
      path = (path as NSString).deletingLastPathComponent
    }
    return []
  }
}
