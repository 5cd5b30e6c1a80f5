import Base
import Formats
import Layers
import Twin

/// Finds problems of a twin's configuration, tensors, heads and layers, without a recording.
package struct TwinWeightCheck {
  private let architecture: TwinArchitecture
  private let source: any ArraySource
  private let unreadableNames: [String]

  /// - Parameter unreadableNames: entries of the checkpoint that are not tensors.
  package init(_ architecture: TwinArchitecture, source: any ArraySource, unreadableNames: [String] = []) {
    self.architecture = architecture
    self.source = source
    self.unreadableNames = unreadableNames
  }

  /// Options without effect.
  package func configuration() -> [Finding] {
    architecture.ineffectiveOptions.map { option in
      let part = String(option.path.prefix { $0 != "." })
      return Finding(
        .warning, Part(rawValue: part)?.rawValue ?? "configuration", option.path, "without effect: \(option.why)",
        remedy: "leave it out: VisionCore silently ignores it")
    }
  }

  /// Inputs that the twin needs beside a stimulus.
  package func needs() -> [Finding] {
    var findings: [Finding] = []
    if let columns = architecture.behaviorColumns {
      findings.append(
        Finding(
          .warning, Part.modulator.rawValue, nil, "needs \(columns) columns of behaviour with every window",
          remedy: "`forward` takes `behavior` from a file"))
    }
    if architecture.requiresHistory {
      findings.append(
        Finding(
          .warning, Part.history.rawValue, nil, "needs past spike counts with every window",
          remedy: "`forward` takes `history_N` from a file"))
    }
    return findings
  }

  /// Tensors that no layer reads, and entries that are not tensors.
  package func tensors() -> [Finding] {
    let names = architecture.tensorUses.filter { !$0.isUnexpected }.map(\.parameter.name)
    var findings = architecture.tensorUses.filter(\.isUnexpected).map { use in
      Finding(
        .warning, use.parameter.part.rawValue, use.parameter.name,
        "unexpected: no layer of the configuration reads it (VisionCore ignores it with strict=False)",
        shapes: TensorText.shape(use.parameter.shape),
        remedy: Suggestion.best(for: use.parameter.name, among: names).map { "the nearest that is read: `\($0)`" })
    }
    findings += unreadableNames.map {
      Finding(
        .warning, ParameterInfo(name: $0, shape: []).part.rawValue, $0, "the entry is not a tensor that vcsh can read")
    }
    return findings
  }

  /// Names, cids, and heads whose tensors and configuration disagree.
  package func heads() -> [Finding] {
    var findings: [Finding] = []
    for head in architecture.heads {
      let place = head.readoutName
      if let failure = architecture.buildFailure(head: head.index) {
        var finding = Finding(
          .error, failure, part: Part.readout.rawValue,
          remedy:
            "head \(head.index) is not of the kind that the model's configuration names: `open … --config YAML` gives its own"
        )
        finding.problem += "; VisionCore's strict=False would leave it at its random start"
        findings.append(finding)
      }
      if head.session == nil {
        findings.append(
          Finding(
            .warning, "heads", place, "head \(head.index) has no session name: recordings can't be matched to it",
            remedy: "`open … --config YAML` names it"))
      } else if head.cids == nil {
        findings.append(
          Finding(
            .warning, "heads", place, "\(head.session ?? "") has no cids: its cells are matched by position alone",
            remedy: "`open … --config YAML` with `cids`"))
      }
    }
    let sessions = architecture.heads.compactMap(\.session)
    for session in Set(sessions).sorted() where sessions.count(where: { $0 == session }) > 1 {
      findings.append(
        Finding(.error, "heads", session, "two heads have this session's name", remedy: "mend the YAML's session list"))
    }
    return findings
  }

  /// The layers of every head with one input of `[channel, time, height, width]`.
  ///
  /// - Parameters:
  ///   - input: nil where no input was found that works.
  ///   - isIntended: whether the twin is meant for this input. Any other input says only whether the layers can run, so
  ///     warnings are left out.
  package func shapes(_ input: [Int]?, isIntended: Bool) -> [Finding] {
    let sizes = input ?? [architecture.inputChannels, 25, 51, 51]
    let findings = shapes(sizes, heads: architecture.heads.map(\.index))
    return isIntended && input != nil ? findings : findings.filter { $0.severity == .error }
  }

  package func shapes(_ sizes: [Int], heads: [Int]) -> [Finding] {
    var findings: [Finding] = []
    for head in heads where architecture.buildFailure(head: head) == nil {
      do {
        _ = try architecture.featureSize(input: sizes, head: head)
      } catch let failure as Failure {
        var finding = Finding(.error, failure, part: "recording", remedy: remedy(sizes, head: head))
        if finding.shapes == nil { finding.shapes = TensorText.shape(sizes) }
        // A layer that all heads share is named once.
        if !findings.contains(finding) { findings.append(finding) }
      } catch {}
    }
    if findings.isEmpty, let filter = architecture.frontendFilter, sizes.count == 4, sizes[1] < filter.lags {
      findings.append(
        Finding(
          .warning, Part.frontend.rawValue, filter.name,
          "its filter reaches back \(filter.lags) lags, the input has \(sizes[1]): older frames count as 0",
          remedy: "give it as many lags, if it was trained with them"))
    }
    return findings
  }

  /// NaN and infinite values.
  package func values(_ work: Work) throws -> [Finding] {
    var findings: [Finding] = []
    for use in architecture.tensorUses {
      try work.cancellation.check()
      guard source.info(use.parameter.name)?.scalar.isFloatingPoint == true else { continue }
      let values = try source.doubles(use.parameter.name)
      let bad = values.count { !$0.isFinite }
      if bad > 0 {
        findings.append(
          Finding(
            use.status == .dead ? .warning : .error, use.parameter.part.rawValue, use.parameter.name,
            "\(bad) of \(values.count) values are NaN or infinite\(use.status == .dead ? ", in a tensor that is never read" : "")",
            shapes: TensorText.shape(use.parameter.shape),
            remedy: use.status == .dead ? nil : "training diverged or the file is damaged: open an earlier checkpoint"))
      }
    }
    return findings
  }

  /// The nearest input that works.
  private func remedy(_ sizes: [Int], head: Int) -> String {
    guard sizes[0] == architecture.inputChannels else {
      return "give the stimulus \(architecture.inputChannels) channels by the transforms of its YAML"
    }
    if let lags = architecture.fewestLags(height: sizes[2], width: sizes[3], head: head) {
      return lags > sizes[1]
        ? "it needs at least \(lags) lags: the input has \(sizes[1])"
        : "it works with \(lags) lags: the input has \(sizes[1])"
    }
    let side = (2...256).first {
      (try? architecture.featureSize(input: [sizes[0], sizes[1], $0, $0], head: head)) != nil
    }
    if let side {
      return side > min(sizes[2], sizes[3])
        ? "it needs frames of at least \(side)x\(side) pixels" : "it works with frames of \(side)x\(side) pixels"
    }
    let lagsToo = [32, 51, 101, 256].contains { side in
      architecture.fewestLags(height: side, width: side, head: head) != nil
    }
    return lagsToo
      ? "it needs more lags and larger frames"
      : "no number of lags up to 256 and no frame up to 256x256 works: the configuration itself is at fault"
  }
}
