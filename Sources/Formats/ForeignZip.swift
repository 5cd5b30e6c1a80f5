import Base
import Foundation

/// A whole zip that is neither a torch archive nor a .npz, named for what it is.
enum ForeignZip {
  static func refusal(_ archive: ZipArchive) -> Failure {
    let path = archive.origin
    let names = archive.entries.map(\.name)
    func holds(_ isPart: (String) -> Bool) -> Bool { names.contains(where: isPart) }
    if holds({
      $0.hasSuffix("serialized_exported_program.json") || $0.hasSuffix("archive_format")
        || $0.hasSuffix("models/model.json")
    }) {
      return Failure(
        .unsupported, "\(path): a program of torch.export, which vcsh does not run",
        hint:
          "save its weights: `torch.save({\"state_dict\": torch.export.load(FILE).state_dict}, \"weights.pt\")`, then open that with --model"
      )
    }
    if holds({ $0 == "[Content_Types].xml" }) {
      return Failure(.unsupported, "\(path): vcsh does not read Office documents", hint: "save the sheet as .csv")
    }
    let endings: Set<String> = ["ckpt", "pt", "pth", "safetensors", "dset", "npz", "npy", "yaml", "yml", "zip"]
    let inner = names.first {
      endings.contains(($0 as NSString).pathExtension.lowercased()) && !$0.hasPrefix("__MACOSX/")
    }
    if let inner {
      return Failure(
        .unsupported, "\(path): a zip that holds `\(inner.shortened)`, not a checkpoint or a recording itself",
        hint: "unpack it: `unzip \(ShellText.quoted(path))`, then open what it holds")
    }
    if names.isEmpty { return Failure(.format, "\(path): an empty zip: no array was saved into it") }
    return Failure(
      .format,
      "\(path): this zip, whose directory of \(names.count) entries is at byte \(archive.directoryStart), holds neither a data.pkl of torch nor arrays of numpy",
      hint: "unpack it: `unzip \(ShellText.quoted(path))`, then open what it holds")
  }
}
