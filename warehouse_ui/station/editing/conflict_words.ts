/// What is said where two people edit one document, in both languages.

export const conflictJa = {
  otherChanged: "{who}さんが{names}を変えました。この画面にも取り込みました。",
  bothChanged: "{who}さんも{names}を変えました。どちらの内容にするか決めるまで、保存を止めています。入力は消えません。",
  showDifferences: "違いを見る",
  allRight: "これでよい",
  conflictTitle: "{who}さんの変更",
  conflictLead: "それぞれ、どちらの内容にするか選んでください。「−」は自分の内容、「＋」は相手の内容です。",
  conflictDecide: "これで決める",
  later: "あとで",
  both: "2人とも変えました",
  onlyMine: "自分の内容: ",
  onlyTheirs: "相手の内容: ",
  theyDeleted: "{who}さんはここを削除しました。",
  takeDeletion: "{who}さんのとおり、削除する",
  takeTheirs: "{who}さんの内容にする",
  keepMine: "自分の内容のままにする",
} as const;

export const conflictEn = {
  otherChanged: "{who} changed {names}. It is taken over here.",
  bothChanged: "{who} changed {names} as well. Nothing is saved until you choose whose version to keep; what you entered is not lost.",
  showDifferences: "See the difference",
  allRight: "All right",
  conflictTitle: "What {who} changed",
  conflictLead: "Choose for each whose version to keep. “−” is yours, “＋” is theirs.",
  conflictDecide: "Keep these",
  later: "Later",
  both: "both changed it",
  onlyMine: "yours: ",
  onlyTheirs: "theirs: ",
  theyDeleted: "{who} deleted this.",
  takeDeletion: "Delete it, as {who} did",
  takeTheirs: "Take the version of {who}",
  keepMine: "Keep mine",
};
