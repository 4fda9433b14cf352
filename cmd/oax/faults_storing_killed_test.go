package main

var storingKilled = []fault{}
