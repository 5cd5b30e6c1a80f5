import Base
import Foundation
import Language
import Runs
import Session

/// The recipes of `train --fast` and `--slow`: they run on the twin after each N-th epoch, beside the training.
final class TrainingRecipes {
  private let recipes: [WatchedRecipe]
  private var turns: [String: RecipeTurns] = [:]
  private let kept: KeptTraining
  private let session: Session
  private let resultsPath: String
  /// Where the twins of epochs wait for their recipes, as files.
  private let folder: String
  private var files: [(epoch: Int, path: String)] = []
  private var steps: [Int: Int] = [:]
  private var work: (recipe: WatchedRecipe, turn: RecipeTurns.Turn, work: Background<WatchedRecipe.Results>)?

  /// Nil without `--fast` and `--slow`.
  ///
  /// - Throws: as `WatchedRecipe`.
  init?(_ call: Call, _ kept: KeptTraining, in session: Session) throws {
    recipes = try [("fast", "every"), ("slow", "slow-every")].compactMap {
      try WatchedRecipe($0.0, interval: $0.1, call, in: session)
    }
    guard !recipes.isEmpty else { return nil }
    // A recipe that can't run is known before the first step, not at the first epoch that it is for.
    for recipe in recipes { try recipe.check(at: call.span(of: recipe.name), in: session) }
    self.kept = kept
    self.session = session
    resultsPath = try session.recipeResultsPath(ofTraining: kept.record)
    folder = FileManager.default.temporaryDirectory.path + "/vcsh-train-\(UUID().uuidString)"
    // A training that goes on has its earlier results.
    let earlier = try RecipeResults(path: resultsPath).turns
    for recipe in recipes {
      let last = earlier.filter { $0.recipe == recipe.name }.map(\.epoch).max()
      turns[recipe.name] = RecipeTurns(every: recipe.every, done: last.map { [kept.name: $0] } ?? [:])
    }
  }

  /// Takes an epoch that was kept. Does not wait for recipes.
  ///
  /// - Throws: what writing the twin throws.
  func finished(epoch: Int, step: Int) throws {
    steps[epoch] = step
    try look()
    guard turns.values.contains(where: { (epoch + 1) / $0.every > ((files.last?.epoch ?? -1) + 1) / $0.every }) else {
      return
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(.system, "\(folder): \(error.localizedDescription)")
    }
    let path = "\(folder)/epoch\(epoch).safetensors"
    try kept.write(to: path)
    files.append((epoch, path))
    for recipe in recipes {
      let skipped = turns[recipe.name]?.look(kept.name, files) ?? []
      if !skipped.isEmpty {
        session.note(
          "the \(recipe.name) recipe skips epoch \(skipped.map(String.init).joined(separator: ", ")): it is still at work on an earlier one"
        )
      }
    }
    try look()
  }

  /// Waits for the recipes of the last epochs. Ctrl-C gives them up; the training itself is done by then.
  ///
  /// - Throws: `system` where results can't be kept.
  func end() throws {
    while true {
      try look()
      guard let (recipe, turn, _) = work else { break }
      if session.work.cancellation.isCancelled {
        session.note("the \(recipe.name) recipe on epoch \(turn.epoch) was stopped")
        break
      }
      usleep(20_000)
    }
    stop()
  }

  /// Ends what is at work and removes the files.
  func stop() {
    work?.work.stop()
    // A recipe that still reads its file finds the folder gone, and its failure is nobody's any more.
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Keeps what is done, and begins what is next.
  private func look() throws {
    if let (recipe, turn, background) = work, let result = background.result {
      work = nil
      turns[recipe.name]?.finish()
      switch result {
      case .success(let results):
        let kept = RecipeResults.Turn(
          recipe: recipe.name, epoch: turn.epoch, step: steps[turn.epoch] ?? 0, rows: results.rows,
          tables: results.tables)
        try RecipeResults.append(kept, to: resultsPath)
        if !session.isWatched { session.note("the \(recipe.name) recipe on epoch \(turn.epoch): \(kept.line)") }
      case .failure(let failure) where failure.kind == .interrupted: break
      case .failure(let failure):
        session.note("the \(recipe.name) recipe failed on epoch \(turn.epoch): \(failure.message)")
      }
      removeUsedFiles()
    }
    guard work == nil else { return }
    for recipe in recipes {
      guard let turn = turns[recipe.name]?.next() else { continue }
      work = (recipe, turn, Background { try recipe.run(turn, $0) })
      return
    }
  }

  /// A file that no recipe waits for goes.
  private func removeUsedFiles() {
    let waiting = Set(turns.values.flatMap(\.waiting).map(\.path))
    for file in files.dropLast() where !waiting.contains(file.path) && work?.turn.path != file.path {
      try? FileManager.default.removeItem(atPath: file.path)
    }
  }
}
