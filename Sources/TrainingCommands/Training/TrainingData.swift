import Base
import Language
import Session
import Training

/// The recordings of a training, with what `--teacher` and `--cells` make of them.
struct TrainingData {
  let labels: [String]
  let sources: [LoadedStimulus]
  let sets: [any TrainingSet]
  /// The same with test trials in place of the held-out ones; empty where no trial is kept for a test.
  let testSets: [any TrainingSet]
  /// Identifies each set: twin, data, targets, cells and how they are read.
  let digests: [String]
  /// `12 of 40`, where `--cells` chooses.
  let cells: String?

  init(_ call: Call, for twin: LoadedTwin, shares: LoadedTrainingSet.Shares?, in session: Session) throws {
    labels =
      call.isGiven("stimulus")
      ? try call.stimulusLabels()
      : try session.configuredStimuli(of: twin, at: call.span)
    sources = try labels.map {
      try session.loadStimulus($0, at: call.span(of: "stimulus")).shown(to: twin, by: call)
    }
    let own = try sources.map { source in
      try LoadedTrainingSet(
        twin, head: twin.head(for: source, named: nil, mayBeNamed: false), source, shares: shares, in: session)
    }
    let hasTest = own.contains { !$0.testFrames.isEmpty }
    var sets: [any TrainingSet] = own
    var testSets: [any TrainingSet] = hasTest ? own.map(\.tested) : []
    var digests = own.map(\.digest)
    if let teacher = try Teacher(call, in: session) {
      sets = try zip(sets, sources).map { try teacher.teach($0, on: $1, call, in: session) }
      testSets = try zip(testSets, sources).map { try teacher.teach($0, on: $1, call, in: session) }
      digests = digests.map { Digest.of("\($0) taught by \(teacher.digest)") }
    }
    var cells: String?
    if let condition = try TrainedCells(call) {
      guard shares == nil else {
        throw Failure(
          .usage,
          "--cells can't be combined with --split: the scores that it chooses by include validation and test trials",
          hint: "leave out one of them", span: call.span(of: "cells"))
      }
      let chosen = try zip(sets, sources).map { try condition.choose(from: $0, of: twin, on: $1, call, in: session) }
      sets = zip(sets, chosen).map { ChosenCells($0, $1) }
      digests = zip(digests, chosen).map { digest, chosen in
        Digest.of("\(digest) cells \(chosen.map { $0 ? "1" : "0" }.joined())")
      }
      cells = "\(chosen.joined().count { $0 }) of \(chosen.joined().count)"
    }
    (self.sets, self.testSets, self.digests, self.cells) = (sets, testSets, digests, cells)
  }
}
