import Base
import Foundation
import Language

/// Tells what a word after `vcsh` may be: a recipe, or something that belongs to an option.
enum RecipePath {
  /// Whether `vcsh WORD` runs a recipe: a name that ends in `.vc`, or a file that begins with `#!`.
  static func isRecipe(_ word: String) -> Bool {
    guard !word.hasPrefix("-") else { return false }
    if word.lowercased().hasSuffix(".vc") { return true }
    // A pipe is not looked into: what is read from it is gone.
    guard let file = try? RegularFile(path: word), file.size >= 2 else { return false }
    return (try? file.read(0..<2)) == Data("#!".utf8)
  }

  /// How to give vcsh a word that it does not know; nil where nothing is known about it.
  static func advice(for word: String, commands: SignatureTable) -> String? {
    var isFolder: ObjCBool = false
    if !word.hasPrefix("-"), FileManager.default.fileExists(atPath: word, isDirectory: &isFolder) {
      if isFolder.boolValue {
        let isWorkspace = FileManager.default.fileExists(atPath: word + "/workspace.sqlite")
        return isWorkspace
          ? "open the workspace with `vcsh -w \(word)`" : "make a workspace there with `vcsh init \(word)`"
      }
      return "run a recipe with `vcsh -f \(word)`; read a checkpoint or recording with `vcsh -c 'open \(word)'`"
    }
    let name = String(word.prefix { $0 != " " })
    return commands[name] == nil ? nil : "run commands with `vcsh -c '\(word)'`"
  }
}
