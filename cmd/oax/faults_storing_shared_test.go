package main

var storingShared = []fault{}
